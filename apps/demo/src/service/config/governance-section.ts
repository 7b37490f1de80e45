/** Section of the configuration: how many approve what loosens, and how long it waits. */
import { z } from "zod";
import { whole } from "./fields.js";

const DAY_SECONDS = 86_400;
const MONTH_SECONDS = 30 * DAY_SECONDS;

/** The section `governance`. */
export const governanceField = z.strictObject({
  approvals: whole(1, 16).describe(
    "operators, besides the proposer, who must approve what loosens; one more must have keys",
  ),
  loosen_delay_seconds: whole(0, MONTH_SECONDS)
    .default(3_600)
    .describe("how long a change of configuration or keys waits after its approvals"),
  release_delay_seconds: whole(0, MONTH_SECONDS)
    .default(0)
    .describe("how long the release of an incident, or the end of a freeze, waits"),
  proposal_valid_seconds: whole(60, 2 * MONTH_SECONDS)
    .default(7 * DAY_SECONDS)
    .describe("how long a proposal can be approved and carried out"),
});
