/** Writes and reads the evidence that one process watches and the others decide on, as texts of bounded size. */
import {
  defenseStateSchema,
  findingSchema,
  idSchema,
  networkViewSchema,
  riskLevelSchema,
  scoreSchema,
  sentinelReportSchema,
  timeMsSchema,
  withdrawalRecordSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { SharedEvidence } from "../../../pipeline/index.js";

/** Characters of what is shown to people; what is larger is not shared. */
const MAX_SHOWN = 1_000_000;

const decisionSchema = z.strictObject({
  evidence_version: z.literal(1),
  chain: wordSchema,
  operator: idSchema,
  at_ms: timeMsSchema,
  inputs: withdrawalRecordSchema.shape.inputs,
  durable: z.boolean(),
  clock_accepted_ms: timeMsSchema.nullable(),
});

const togetherSchema = z.strictObject({
  chain: z.string(),
  observed_at_ms: timeMsSchema,
  level: riskLevelSchema,
  score: scoreSchema,
  branches: z.array(z.looseObject({ nodes: z.array(z.looseObject({ node_id: idSchema })) })),
  findings: z.array(findingSchema),
});

const shownSchema = z.strictObject({
  view: networkViewSchema,
  defense: defenseStateSchema,
  reports: z.array(sentinelReportSchema).max(64),
  together: togetherSchema.nullable(),
});

/** What a process that watches shares. */
export type Shared = Omit<SharedEvidence, "generation" | "age_ms">;
/** What a decision needs of it. */
export type SharedDecision = Omit<Shared, "shown">;

/** Writes what a decision needs: some hundred characters, and about 200 for each node. */
export const writeDecision = ({
  chain,
  operator,
  at_ms,
  inputs,
  durable,
  clock_accepted_ms,
}: Shared): string =>
  JSON.stringify({
    evidence_version: 1,
    ...{ chain, operator, at_ms, inputs, durable, clock_accepted_ms },
  } satisfies z.input<typeof decisionSchema>);

/** Writes what people are shown; null where that is too large. */
export function writeShown({ shown }: Shared): string | null {
  if (shown === null) return null;
  const { together, ...rest } = shown;
  // The reports of the nodes are there once.
  const text = JSON.stringify({
    ...rest,
    together: together && { ...together, reports: undefined },
  });
  return text.length > MAX_SHOWN ? null : text;
}

/** Reads what a decision needs; null where it cannot be read. */
export function readDecision(text: string): SharedDecision | null {
  const read = parsed(text, decisionSchema);
  if (read === null) return null;
  const { chain, operator, at_ms, inputs, durable, clock_accepted_ms } = read;
  return { chain, operator, at_ms, inputs, durable, clock_accepted_ms };
}

/** Reads what people are shown; null where it cannot be read. */
export function readShown(text: string): SharedEvidence["shown"] {
  const read = parsed(text, shownSchema);
  if (read === null) return null;
  const { reports, together } = read;
  return {
    ...read,
    together:
      together &&
      ({ ...together, reports } as unknown as NonNullable<SharedEvidence["shown"]>["together"]),
  };
}

function parsed<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What must not become worse unseen: levels, lockdown, clock, and which nodes can be relied on. */
export const essenceOf = ({ inputs, durable, clock_accepted_ms }: Shared): string =>
  JSON.stringify([
    ...[inputs.sentinel_level, inputs.adn_level, inputs.dqs_advisory, inputs.lockdown],
    ...[inputs.clock, durable, clock_accepted_ms],
    inputs.sources.map(({ node_id, status, level, fresh }) => [node_id, status, level, fresh]),
  ]);
