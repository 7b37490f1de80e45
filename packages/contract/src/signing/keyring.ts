/** The keyring: who may sign, as what, for whom and until when (design, section 3: signing). */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { oneOf, strictObject } from "../schemas/own-object.js";
import { firstErrorPath } from "../json/pointer.js";
import { ContractError } from "../errors.js";
import { componentSchema, idSchema, timeMsSchema } from "../schemas/primitives.js";
import { SIGNAL_SOURCES } from "../schemas/signal-v2.js";
import { parseStrictJson } from "../json/parse-strict.js";
import { canonicalize } from "../json/canonical.js";
import { withoutPrototypes } from "../internal/own.js";
import { decodeBase64 } from "./base64.js";
import { keyIdSchema } from "./batch.js";
import { isPublicPoint } from "./ed25519-points.js";
import { SigningError } from "./errors.js";
import { lookOf } from "./names.js";

/** Bytes of a public key of each algorithm. */
export const PUBLIC_KEY_BYTES = frozen({ ed25519: 32, ml_dsa_65: 1_952 });

/** Names in one list of one key. */
const MAX_NAMES = 1_024;

const publicKeySchema = (bytes: number) =>
  z.string().refine((text) => decodeBase64(text)?.length === bytes, {
    message: `not base64 of ${bytes} bytes`,
  });

const ed25519KeySchema = publicKeySchema(PUBLIC_KEY_BYTES.ed25519).refine(
  (text) => isPublicPoint(decodeBase64(text) ?? new Uint8Array()),
  { message: "not the canonical encoding of an Ed25519 point, or one of small order" },
);

const names = <T extends z.ZodType<string>>(schema: T) =>
  z.array(schema).max(MAX_NAMES).default([]);

const keySchema = strictObject({
  key_id: keyIdSchema,
  /** v3 components that it may sign for. */
  components: names(componentSchema),
  /** v2 sources that it may sign for. */
  sources: names(oneOf(SIGNAL_SOURCES)),
  /** The holder of the key; the only operator that it may sign for. */
  operator: idSchema,
  /** Nodes that it may sign for. */
  node_ids: names(idSchema),
  /** Wallets that it may sign for. */
  wallet_ids: names(idSchema),
  public_keys: strictObject({
    ed25519: ed25519KeySchema,
    ml_dsa_65: publicKeySchema(PUBLIC_KEY_BYTES.ml_dsa_65),
  }),
  /** The first moment at which it is accepted. */
  not_before_ms: timeMsSchema,
  /** The first moment at which it is no longer accepted. */
  not_after_ms: timeMsSchema,
  /** Whether every batch of the key is rejected, whatever time it claims. */
  revoked: z.boolean(),
})
  .refine(({ not_before_ms, not_after_ms }) => not_before_ms < not_after_ms, {
    path: ["not_after_ms"],
    message: "ends before it begins",
  })
  .refine(({ components, sources }) => components.length + sources.length > 0, {
    path: ["components"],
    message: "the key has no role",
  });

/** A keyring file. */
export const keyringSchema = strictObject({
  keyring_version: z.literal(1),
  keys: z.array(keySchema).min(1),
});

/** A keyring file as it is written: lists of names may be left out, and are empty then. */
export type KeyringFile = z.input<typeof keyringSchema>;

/** One key of a keyring; its public keys are base64. */
export type KeyringKey = Readonly<z.output<typeof keySchema>>;

/** Keys by their id. */
export type Keyring = ReadonlyMap<string, KeyringKey>;

/**
 * Reads a keyring.
 *
 * @param input JSON text, its UTF-8 bytes, or the object in memory; at most 512,000 bytes, which is
 * some 180 keys
 * @throws SigningError `invalid_keyring` with the path of the first error: not strict JSON, an
 * unknown field, a key without a role, a validity that ends before it begins, an Ed25519 key that is
 * no point of the curve or one of small order, a key id or a public key that occurs twice (one secret
 * under two names would be two witnesses), a node of two operators, two operators, or nodes of two
 * operators, whose names a reader could take for each other (case, NFKC, invisible characters)
 * @returns keys by id, frozen deeply
 */
export function parseKeyring(input: unknown): Keyring {
  const parsed = keyringSchema.safeParse(readConfiguration(input));
  if (!parsed.success) {
    const detail = parsed.error.issues[0]?.message ?? "not a keyring";
    throw new SigningError("invalid_keyring", firstErrorPath(parsed.error), detail);
  }
  const { keys } = parsed.data;
  rejectRepeated(keys, "key_id", (key) => key.key_id);
  rejectRepeated(keys, "public_keys/ed25519", (key) => key.public_keys.ed25519);
  rejectRepeated(keys, "public_keys/ml_dsa_65", (key) => key.public_keys.ml_dsa_65);
  rejectSharedNodes(keys);
  rejectLookAlikes(keys);
  return new Map(keys.map((key) => [key.key_id, frozen(withoutPrototypes(key))]));
}

function readConfiguration(input: unknown): unknown {
  try {
    const isJson = typeof input === "string" || input instanceof Uint8Array;
    return parseStrictJson(isJson ? input : canonicalize(input));
  } catch (error) {
    const path = error instanceof ContractError ? error.path : "";
    throw new SigningError("invalid_keyring", path, "not strict JSON", error);
  }
}

function rejectRepeated(
  keys: readonly KeyringKey[],
  field: string,
  valueOf: (key: KeyringKey) => string,
): void {
  const seen = new Set<string>();
  keys.forEach((key, index) => {
    if (seen.has(valueOf(key))) {
      throw new SigningError("invalid_keyring", `/keys/${index}/${field}`, "occurs twice");
    }
    seen.add(valueOf(key));
  });
}

/** Rejects a node of two operators: a signal of one would count as the other's. */
function rejectSharedNodes(keys: readonly KeyringKey[]): void {
  const owners = new Map<string, string>();
  keys.forEach(({ operator, node_ids }, index) => {
    node_ids.forEach((node, at) => {
      const owner = owners.get(lookOf(node)) ?? operator;
      if (owner !== operator) {
        const path = `/keys/${index}/node_ids/${at}`;
        throw new SigningError(
          "invalid_keyring",
          path,
          "is, or looks like, another operator's node",
        );
      }
      owners.set(lookOf(node), operator);
    });
  });
}

/** Rejects a second operator whose name looks like the first one's. */
function rejectLookAlikes(keys: readonly KeyringKey[]): void {
  const names = new Map<string, string>();
  keys.forEach(({ operator }, index) => {
    const known = names.get(lookOf(operator)) ?? operator;
    if (known !== operator) {
      const path = `/keys/${index}/operator`;
      throw new SigningError("invalid_keyring", path, "looks like another operator");
    }
    names.set(lookOf(operator), operator);
  });
}
