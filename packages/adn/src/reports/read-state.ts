/** Reads a defence state that a program hands back, own properties alone (design: layer 3). */
import { type DefenseState, defenseStateSchema, parseOwn } from "@dgb-shield/contract";
import { AdnError } from "../errors.js";
import { describeOffence } from "../internal/offence.js";
import { STATE_BOUNDS } from "../internal/plain.js";

/**
 * A private copy of a state.
 *
 * @throws AdnError `invalid_state` with the path of the first offending field
 */
export function readState(state: unknown): DefenseState {
  const read = parseOwn(defenseStateSchema, state, STATE_BOUNDS);
  if (read.ok) return read.value;
  throw new AdnError("invalid_state", read.path, describeOffence(read.path, state));
}
