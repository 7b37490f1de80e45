/** What the layers know, on the wire: network, nodes, chain, findings, lockdown, incidents. */
import {
  componentSchema,
  defenseStateSchema,
  findingSchema,
  networkViewSchema,
  riskLevelSchema,
  sentinelReportSchema,
  signalV2Schema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { MAX_SIGNALS, named, reason, timeMs, wholeText } from "./common.js";

/** Latest time of a range: 2100-01-01, in milliseconds. */
export const MAX_MS = 4_102_444_800_000;

/** Signals of another site. */
export const signalsBody = named(
  "SignalsBody",
  z.strictObject({
    signals: z
      .array(signalV2Schema)
      .min(1)
      .max(MAX_SIGNALS)
      .describe("all of the key's own operator and nodes"),
  }),
);

/** How many signals were taken in. */
export const signalsAnswer = named(
  "Signals",
  z.strictObject({ accepted: z.int().min(0), refused: z.int().min(0) }),
);

/** Calls of one report at most: more than a gateway serves between two. */
const MAX_CALLS = 10_000_000;
const calls = () => z.int().min(0).max(MAX_CALLS);

/** Calls of a gateway since its last report. */
export const telemetryBody = named(
  "TelemetryBody",
  z.strictObject({
    calls: calls().describe("calls of all clients"),
    refused: calls().describe("refused for what they are: method, role, wallet, path, export"),
    unauthorized: calls().describe("with wrong credentials"),
  }),
);

/** A report that was counted. */
export const telemetryAnswer = named("Telemetry", z.strictObject({ accepted: z.literal(true) }));

/** The network's view. */
export const networkAnswer = named("NetworkView", networkViewSchema);

const report = named("NodeReport", sentinelReportSchema);

/** The last report of each own node. */
export const nodesAnswer = named("Nodes", z.strictObject({ nodes: z.array(report) }));

const finding = named("Finding", findingSchema);

/** A branch, and the nodes that follow it. */
export const branchSchema = z.strictObject({
  tip_hash: z.string(),
  tip_height: z.int().min(0),
  chainwork: z.string().nullable(),
  fork_height: z
    .int()
    .nullable()
    .describe("last block shared with the branch of most work; null for that one, or unknown"),
  nodes: z.array(
    z.strictObject({
      node_id: z.string(),
      height: z.int().min(0),
      software: z.string().nullable(),
      is_watched: z.boolean().describe("false: it is silent, and shown where it was last"),
    }),
  ),
});

const sideTipSchema = z.strictObject({
  hash: z.string(),
  height: z.int().min(0),
  fork_height: z.int().min(0).nullable(),
  status: z.string().describe("as getchaintips names it; invalid: the node refuses it"),
  nodes: z.array(z.string()).describe("that know it so"),
});

/** Which nodes follow which branch. */
export const chainAnswer = named(
  "Chain",
  z.strictObject({
    chain: z
      .strictObject({
        chain: componentSchema,
        observed_at_ms: timeMs(),
        level: riskLevelSchema,
        score: z.number(),
        branches: z.array(branchSchema).describe("the one of most work first"),
        findings: z.array(finding).describe("what only several nodes together show"),
        tips: z
          .array(sideTipSchema)
          .nullable()
          .describe("tips that nodes know and do not follow; null: another process watches them"),
        credit: z
          .strictObject({
            height: z.int().min(0).nullable().describe("null: no deposit can be credited now"),
            reason: z.string().describe("why no higher"),
          })
          .describe(
            "up to which block deposits can be credited; an own number of confirmations still counts",
          ),
      })
      .nullable()
      .describe("null before the first poll"),
  }),
);

/** A signed statement of the tip: a DSSE envelope. */
export const tipStatementAnswer = named(
  "SignedTipStatement",
  z.strictObject({
    payloadType: z.string().describe("application/vnd.dgb-shield.tip.v1+json"),
    payload: z.string().describe("base64 of the statement, which is JSON"),
    signatures: z
      .array(z.strictObject({ keyid: z.string(), sig: z.string().describe("base64") }))
      .describe("by Ed25519 and by ML-DSA-65 of one key"),
  }),
);

/** The key that signs it. */
export const tipKeyAnswer = named(
  "TipKey",
  z.strictObject({
    operator: z.string(),
    key_id: z.string(),
    public_keys: z
      .strictObject({ ed25519: z.string(), ml_dsa_65: z.string() })
      .describe("base64, as in a keyring"),
  }),
);

/** All active findings. */
export const findingsAnswer = named(
  "Findings",
  z.strictObject({
    findings: z.array(
      z.strictObject({
        node_id: z.string().nullable().describe("null: of all nodes together"),
        finding,
      }),
    ),
  }),
);

/** The defense's state. */
export const lockdownAnswer = named("DefenseState", defenseStateSchema);

/** Incidents of one page where no limit is given, and at most. */
export const [DEFAULT_INCIDENTS, MAX_INCIDENTS] = [100, 1_000];

/** Which incidents to list. */
export const incidentsQuery = z.strictObject({
  status: z
    .enum(["open", "ended", "all"])
    .optional()
    .describe("default: open without from and to, else all"),
  from: wholeText(0, MAX_MS, 0).describe("open at this time or later, milliseconds since 1970"),
  to: wholeText(0, MAX_MS, MAX_MS).describe("begun at this time or before"),
  limit: wholeText(1, MAX_INCIDENTS, DEFAULT_INCIDENTS).describe("incidents at most"),
});

/** Incidents. */
export const incidentsAnswer = named(
  "Incidents",
  z.strictObject({
    incidents: z.array(
      z.strictObject({
        incident_id: z.string(),
        cause: z.string(),
        severity: z.number(),
        level: riskLevelSchema,
        since_ms: timeMs(),
        ended_ms: timeMs().nullable().describe("when it was seen no longer; null: it is open"),
        summary: z.string(),
        findings: z.array(
          z.strictObject({ node_id: z.string(), finding_id: z.string(), summary: z.string() }),
        ),
        defense_events: z.array(z.string()),
        latched: z.boolean().describe("whether it holds until it is released"),
        released: z
          .strictObject({ at_ms: timeMs(), operator: z.string(), reason: z.string() })
          .nullable()
          .describe("the last release of it"),
      }),
    ),
    left_out: z.int().min(0).describe("incidents of the range that are not listed"),
    since_ms: timeMs()
      .nullable()
      .describe("from when on all incidents are kept; null: only open ones were asked for"),
  }),
);

/** An operator's order that needs no more than a reason. */
export const orderBody = named("OrderBody", z.strictObject({ reason: reason() }));

/** What the release of an incident lifted. */
export const incidentReleaseAnswer = named(
  "IncidentRelease",
  z.strictObject({ released: z.array(z.string()), lifted_freezes: z.int().min(0) }),
);

/** An accepted clock. */
export const clockAnswer = named(
  "ClockAcceptance",
  z.strictObject({ accepted: z.literal(true), refused_by: z.array(z.string()) }),
);
