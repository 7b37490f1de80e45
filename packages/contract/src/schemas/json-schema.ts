/** JSON Schemas (draft 2020-12) of everything that crosses layers, made from the zod schemas. */
import { z } from "zod";
import type { JsonObject } from "../json/value.js";
import { withdrawalRecordSchema } from "./withdrawal-record.js";
import { defenseStateSchema } from "./defense-state.js";
import { dqsnRequestSchema, dqsnResponseSchema } from "./dqsn.js";
import { envelopeSchema } from "./envelope.js";
import { shieldEventSchema } from "./event.js";
import { guardianDecisionSchema } from "./guardian-decision.js";
import { networkViewSchema } from "./network-view.js";
import { sentinelReportSchema } from "./sentinel-report.js";
import { signalV2Schema } from "./signal-v2.js";
import { tipStatementSchema } from "./tip-statement.js";

const SCHEMAS = Object.freeze({
  Envelope: envelopeSchema,
  DqsnRequest: dqsnRequestSchema,
  DqsnResponse: dqsnResponseSchema,
  SignalV2: signalV2Schema,
  SentinelReport: sentinelReportSchema,
  NetworkView: networkViewSchema,
  DefenseState: defenseStateSchema,
  GuardianDecision: guardianDecisionSchema,
  WithdrawalRecord: withdrawalRecordSchema,
  ShieldEvent: shieldEventSchema,
  TipStatement: tipStatementSchema,
});

/** Names that `toJsonSchema` takes. */
export type SchemaName = keyof typeof SCHEMAS;
/** All names that `toJsonSchema` takes. */
export const SCHEMA_NAMES: readonly SchemaName[] = Object.freeze(
  Object.keys(SCHEMAS) as SchemaName[],
);

/**
 * Makes the JSON Schema of a value that crosses layers. It cannot express everything: bounds of the strict
 * parser (size, depth, duplicate keys), the exactness of amounts, and how branches of a statement of the tip relate are
 * checked in code. All else it accepts and refuses as the zod schema does; its patterns are Unicode ones (the `u` flag).
 *
 * @returns a copy of its own each time
 * @throws RangeError for another name
 * @example toJsonSchema("Envelope")["type"] // "object"
 */
export function toJsonSchema(name: SchemaName): JsonObject {
  if (!Object.hasOwn(SCHEMAS, name)) throw new RangeError(`no schema is named ${name as string}`);
  const schema = z.toJSONSchema(SCHEMAS[name], {
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === "custom") jsonSchema.type = "object";
    },
  });
  return JSON.parse(JSON.stringify(schema)) as JsonObject;
}
