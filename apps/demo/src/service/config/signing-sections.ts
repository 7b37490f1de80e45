/** Sections of the configuration: approvers who sign, thresholds, and the key of tokens. */
import { z } from "zod";
import { idField, pathSchema, whole } from "./fields.js";

const MAX_APPROVERS = 256;
const MAX_OTHER_KEYS = 16;
const MAX_CLASS = 1_000;
const MAX_STEPS = 16;

const keyIdField = z
  .string("give the id of a key")
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, "give letters, digits, . _ -, at most 64");
const publicKeyField = z
  .string("give a public key")
  .regex(/^[A-Za-z0-9_-]{43}$/, "give an Ed25519 public key: 32 bytes as base64url");
const timeField = () => whole(0, 4_102_444_800_000);

/** An approver's registered key. */
const approverField = z.strictObject({
  approver: z
    .string("give the approver's name")
    .regex(
      /^(?=.{1,128}$)[A-Za-z0-9]+(?:[._@+-][A-Za-z0-9]+)*$/,
      "give letters and digits, with . _ @ + - between them",
    )
    .describe("who approves; two keys of one name are one approver"),
  key_id: keyIdField.describe("name of the key"),
  public_key: publicKeyField.describe("as `shield approve keygen` prints it"),
  from_ms: timeField().optional().describe("from when it counts, milliseconds since 1970"),
  until_ms: timeField().optional().describe("from when it counts no longer"),
});

/** Everyone who may approve. */
export const approversField = z
  .array(approverField)
  .max(MAX_APPROVERS, `give at most ${MAX_APPROVERS} keys`)
  .default([])
  .describe(
    "keys of approvers; once there is one, only signed approvals count, also if all are removed again",
  );

const stepField = z.strictObject({
  from: z.string("give an amount as text").describe("coins, payouts and max_fee together"),
  approvers: whole(1, 64).describe("distinct approvers that are needed"),
});

/** How many approvers a payment needs. */
export const thresholdsField = z
  .strictObject({
    classes: z
      .record(z.string(), z.array(idField).max(MAX_CLASS))
      .default({})
      .describe("classes of destinations: name and addresses, such as the site's cold wallets"),
    approvers: z
      .record(z.string(), z.array(stepField).min(1).max(MAX_STEPS))
      .default({ external: [{ from: "0", approvers: 1 }] })
      .describe("for each class, and `external`: steps from an amount on, the first from 0"),
  })
  .prefault({})
  .describe("how many approvers a payment needs, where approvers are configured");

/** The key that signs tokens. */
export const tokenField = z.strictObject({
  key_id: keyIdField.describe("name of the key, which signers pin"),
  key_file: pathSchema.optional().describe("its secret half, of `shield token keygen`"),
  command: z
    .array(z.string("give a word").min(1).max(4_096))
    .min(1, "give the program")
    .max(64)
    .optional()
    .describe(
      "or a program with its arguments that signs standard input, such as a client of a KMS",
    ),
  public_key: publicKeyField.optional().describe("of a command: the public half"),
  timeout_ms: whole(100, 60_000).default(5_000).describe("how long a command may take"),
  other_keys: z
    .array(
      z.strictObject({
        key_id: keyIdField,
        public_key: publicKeyField,
        until_ms: timeField().optional().describe("until when it is listed"),
      }),
    )
    .max(MAX_OTHER_KEYS, `give at most ${MAX_OTHER_KEYS} keys`)
    .default([])
    .describe(
      "further keys in /v1/jwks while a rotation overlaps: the one before, the one to come",
    ),
});
