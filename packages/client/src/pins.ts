/** What a signer trusts, fixed on its own machine: keys, thresholds, deployment and chain. */
import { hash256Schema, idSchema, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { keyIdSchema, publicKeySchema } from "./approval.js";
import { thresholdsSchema } from "./thresholds.js";

const MAX_SERVICE_KEYS = 16;
const MAX_APPROVER_KEYS = 256;
const MAX_SKEW_MS = 60_000;

const keyFields = {
  key_id: keyIdSchema,
  public_key: publicKeySchema,
  /** The first moment at which it counts. */
  from_ms: timeMsSchema.optional(),
  /** The first moment at which it counts no longer. */
  until_ms: timeMsSchema.optional(),
};

/** A key of an approver. */
export const approverKeySchema = z.strictObject({
  /** Whose key it is: two keys of one name are one approver. */
  approver: z.string().regex(/^(?=.{1,128}$)[A-Za-z0-9]+(?:[._@+-][A-Za-z0-9]+)*$/),
  ...keyFields,
});

/** A signer's pins. */
export const pinsSchema = z
  .strictObject({
    pins_version: z.literal(1),
    deployment_id: idSchema,
    /** Name of the chain, such as `digibyte`. */
    chain: z.string().min(1).max(64),
    /** Hash of its first block. */
    genesis: hash256Schema,
    /** The wallet that this signer signs for. */
    wallet_id: idSchema,
    /** This signer. */
    signer_id: idSchema,
    service_keys: z.array(z.strictObject(keyFields)).min(1).max(MAX_SERVICE_KEYS),
    approver_keys: z.array(approverKeySchema).min(1).max(MAX_APPROVER_KEYS),
    thresholds: thresholdsSchema,
    /** By how much the clocks of service, approvers and signer may differ, in milliseconds. */
    clock_skew_ms: z.int().min(0).max(MAX_SKEW_MS).default(5_000),
  })
  .superRefine(({ service_keys, approver_keys }, context) => {
    for (const [name, keys] of Object.entries({ service_keys, approver_keys })) {
      for (const field of ["key_id", "public_key"] as const) {
        if (new Set(keys.map((key) => key[field])).size < keys.length) {
          context.addIssue({ code: "custom", path: [name], message: `a ${field} occurs twice` });
        }
      }
    }
    const own = new Set(service_keys.map(({ public_key }) => public_key));
    // The service's host alone would approve.
    if (approver_keys.some(({ public_key }) => own.has(public_key))) {
      const message = "an approver's key is the service's";
      context.addIssue({ code: "custom", path: ["approver_keys"], message });
    }
  });

/** A signer's pins as they are written. */
export type PinsInput = z.input<typeof pinsSchema>;
/** A signer's pins. */
export type Pins = Readonly<z.output<typeof pinsSchema>>;
/** A key of an approver. */
export type ApproverKey = Readonly<z.infer<typeof approverKeySchema>>;

/** Whether a key counts at a time. */
export const isInForce = (
  {
    from_ms = 0,
    until_ms = Infinity,
  }: Readonly<{ from_ms?: number | undefined; until_ms?: number | undefined }>,
  nowMs: number,
): boolean => from_ms <= nowMs && nowMs < until_ms;

/** One name for an approver, whatever its case. */
export const approverName = (approver: string): string => approver.toLowerCase();
