/** Reads a defense state that a program hands back, own properties alone (design, section 6). */
import { type DefenseState, defenseStateSchema, parseOwn } from "@dgb-shield/contract";
import { AdnError } from "../errors.js";
import { describeExpectation } from "../internal/expectation.js";

/** Bounds of a defense state: lists of flat objects. */
const BOUNDS = Object.freeze({ maxDepth: 3, maxEntries: 512 });

/**
 * Takes a private copy of a state.
 *
 * @throws AdnError `invalid_state` with the path of the first offending field
 */
export function readState(state: unknown): DefenseState {
  const read = parseOwn(defenseStateSchema, state, BOUNDS);
  if (read.ok) return read.value;
  // [THROW invalid_state] not a `DefenseState`
  throw new AdnError("invalid_state", read.path, describeExpectation(read.path, state));
}
