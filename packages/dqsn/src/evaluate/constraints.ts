/** What a caller demands on top of the contract; it can only tighten (contract v3, section 3). */
import type { DqsnConstraints } from "@dgb-shield/contract";
import { ownOf } from "../internal/own.js";
import { type Rejection, reject } from "../internal/rejection.js";
import type { ValidSignal } from "./signals.js";

/** Checks the constraints against the unique valid signals. */
export function checkConstraints(
  constraints: DqsnConstraints | undefined,
  unique: readonly ValidSignal[],
): Rejection | undefined {
  // [ERROR] fewer unique valid signals than demanded
  if (unique.length < (ownOf(constraints, "min_signals") ?? 0)) {
    return reject("DQSN_ERROR_CONSTRAINT_UNMET", "/constraints/min_signals");
  }

  // [ERROR] a demanded component has no signal
  const present = new Set(unique.map(({ envelope }) => envelope.component));
  const missing =
    ownOf(constraints, "required_components")?.findIndex((name) => !present.has(name)) ?? -1;
  if (missing >= 0) {
    return reject("DQSN_ERROR_CONSTRAINT_UNMET", `/constraints/required_components/${missing}`);
  }
  return undefined;
}
