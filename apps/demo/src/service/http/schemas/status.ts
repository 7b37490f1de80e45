/** The service's own state on the wire: status, readiness, records, events. */
import { LOCKDOWNS, riskLevelSchema, withdrawalRecordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { ROLES } from "../../keys/key.js";
import { SERVICE_STATES } from "../../service.js";
import { hash256, named, timeMs, wholeText } from "./common.js";

const stateSchema = z.enum(SERVICE_STATES);

/** The answer to "may I pay out now, and why (not)?". */
export const statusAnswer = named(
  "Status",
  z.strictObject({
    state: stateSchema.describe(
      "blind: nothing can be relied on; stopped: the evidence forbids every payment; restricted: some wallets are held; open",
    ),
    summary: z.string().describe("one sentence"),
    since_ms: timeMs(),
    as_of_ms: timeMs(),
    cause: z.strictObject({ code: z.string(), text: z.string() }).nullable(),
    remedies: z
      .array(z.strictObject({ role: z.enum(["operator", "approver", "host"]), text: z.string() }))
      .describe("what can be done, and by which role"),
    awaiting_second_key: z
      .boolean()
      .describe("whether a proposal waits for approvals: see GET /v1/proposals"),
    observing: z.boolean().describe("whether some wallets only record"),
    evidence: z.enum(["live", "recording"]),
    chain: z.string(),
    deployment_id: z.string(),
    wallets: z.array(
      z.strictObject({
        wallet_id: z.string(),
        mode: z.enum(["observe", "enforce"]),
        state: stateSchema,
        cause: z.string().nullable(),
      }),
    ),
    level: riskLevelSchema,
    lockdown: z.enum(LOCKDOWNS),
    sources: withdrawalRecordSchema.shape.inputs.shape.sources,
    role: z
      .strictObject({
        watches: z.boolean().describe("whether this process watches the nodes"),
        watcher: z.string().nullable().describe("the process that watches in its place"),
        evidence_age_ms: z.int().min(0).nullable(),
      })
      .describe("what this process does among several on one PostgreSQL schema"),
  }),
);

/** The key that was presented. */
export const keyAnswer = named(
  "Key",
  z.strictObject({
    key_id: z.string(),
    name: z.string().describe("in whose name orders are recorded"),
    role: z.enum(ROLES),
    wallets: z.array(z.string()).nullable().describe("wallets that it may act on; null: all"),
    expires_at_ms: timeMs().nullable(),
  }),
);

/** Whether requests can be served. */
export const readinessAnswer = named(
  "Readiness",
  z.strictObject({
    ready: z.boolean(),
    checks: z.array(
      z.strictObject({
        name: z.string(),
        ok: z.boolean(),
        detail: z.string().optional().describe("with a key of an operator or a reader only"),
      }),
    ),
  }),
);

/** The process runs. */
export const liveAnswer = named("Live", z.strictObject({ live: z.literal(true) }));

/** Records of one request at most. */
const MAX_RECORDS = 1_000;
/** Records of one request where no limit is given. */
export const DEFAULT_RECORDS = 100;

/** Query of the records. */
export const recordsQuery = z.strictObject({
  after: wholeText(0, Number.MAX_SAFE_INTEGER, 0).describe(
    "number of the last record that is known",
  ),
  limit: wholeText(1, MAX_RECORDS, DEFAULT_RECORDS).describe("records at most"),
});

const recordFields = {
  seq: z.int().min(1),
  at_ms: timeMs(),
  kind: z.string(),
  record: z.looseObject({}),
};

/** The path's number of a record. */
export const seqParams = z.strictObject({
  seq: z
    .custom<string>(
      (value) => typeof value === "string" && /^[1-9]\d{0,14}$/.test(value),
      "give a whole number from 1 on",
    )
    .meta({ type: "integer", minimum: 1 })
    .describe("number of the record"),
});

/** A record with its place in the last signed tree. */
export const proofAnswer = named(
  "RecordProof",
  z.strictObject({
    record: z.strictObject({
      ...recordFields,
      hashes: z
        .array(hash256())
        .describe("inclusion proof by RFC 9162, the neighbour of the record's leaf first"),
    }),
    checkpoint: z
      .strictObject({
        payloadType: z.string(),
        payload: z.string().describe("base64 of the checkpoint's canonical JSON"),
        signatures: z.array(z.strictObject({ keyid: z.string(), sig: z.string() })),
      })
      .describe("DSSE envelope, signed with Ed25519 and ML-DSA-65"),
  }),
);

/** Records of the ledger, in order. */
export const recordsAnswer = named(
  "Records",
  z.strictObject({
    ledger_id: z.string(),
    epoch: z
      .int()
      .min(1)
      .describe(
        "1, and one more each time the ledger was adopted: records read before may have gone",
      ),
    records: z.array(z.strictObject(recordFields)),
    next: z
      .int()
      .nullable()
      .describe("`after` of the next page; null: these were the last ones so far"),
  }),
);

/** Keys of tokens. */
export const jwksAnswer = named(
  "Jwks",
  z.strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal("OKP"),
        crv: z.literal("Ed25519"),
        x: z.string(),
        kid: z.string(),
        use: z.literal("sig"),
        alg: z.literal("EdDSA"),
      }),
    ),
  }),
);
