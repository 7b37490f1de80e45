/** How the last days went, on the wire. */
import { ADVISORY_LEVELS, riskLevelSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { SERVICE_STATES } from "../../service.js";
import { named, timeMs, wholeText } from "./common.js";
import { branchSchema } from "./evidence.js";

/** Hours that are kept, and steps of one answer. */
export const MAX_HOURS = 168;
const MAX_POINTS = 1_000;
/** Steps where none are given: half an hour each of a week. */
export const DEFAULT_POINTS = 336;

/** Query of the history. */
export const historyQuery = z.strictObject({
  hours: wholeText(1, MAX_HOURS, MAX_HOURS).describe("how far back"),
  points: wholeText(1, MAX_POINTS, DEFAULT_POINTS).describe("steps at most"),
});

const series = <S extends z.ZodType>(value: S) => z.array(value.nullable());
const counts = () => z.array(z.int().min(0));

/** How the last hours went. */
export const historyAnswer = named(
  "History",
  z
    .strictObject({
      since_ms: timeMs().nullable().describe("when the record begins; it is kept over restarts"),
      until_ms: timeMs(),
      step_ms: z.int().min(1),
      spacing_seconds: z.number().describe("target time between blocks"),
      times: z.array(timeMs()).describe("beginnings of the steps"),
      states: series(z.enum(SERVICE_STATES)).describe("the worst of each step"),
      scores: series(z.number()).describe("the network's worst score"),
      advisories: series(z.enum(ADVISORY_LEVELS)),
      nodes: z.array(
        z.strictObject({
          node_id: z.string(),
          heights: series(z.int().min(0)).describe("null: silent, or not recorded"),
          levels: series(riskLevelSchema),
        }),
      ),
      blocks: z
        .strictObject({
          counts: counts(),
          algorithms: z.array(z.strictObject({ name: z.string(), counts: counts() })),
        })
        .nullable()
        .describe("blocks by the time of their headers; null: another process watches the nodes"),
      reorgs: z.array(
        z.strictObject({
          at_ms: timeMs(),
          node_id: z.string(),
          depth: z.int().min(1),
          fork_height: z.int().min(0),
        }),
      ),
      changes: z
        .array(z.strictObject({ at_ms: timeMs(), branches: z.array(branchSchema) }))
        .describe("who follows which branch, whenever that changed"),
    })
    .describe("one value of each series for each time; null: nothing is known"),
);
