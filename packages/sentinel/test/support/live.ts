/** What tests of live nodes share. */
import { expect } from "vitest";
import { parseObservation } from "../../src/observation/read-observation.js";
import type { Observation } from "../../src/index.js";

export { createSentinel, type Observation } from "../../src/index.js";

/** An observation that Sentinel accepts as it is. */
export function parseable(observation: Observation): Observation {
  expect(parseObservation(observation)).toMatchObject({ ok: true });
  return observation;
}
