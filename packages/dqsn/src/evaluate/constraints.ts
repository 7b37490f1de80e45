/** Checks the constraints of a request, which can only tighten the contract (design section 4.1). */
import type { DqsnConstraints } from "@dgb-shield/contract";
import { ownOf } from "../internal/own.js";
import { type Rejection, reject } from "../internal/rejection.js";
import type { ValidSignal } from "./signals.js";

/** Checks the constraints against the unique valid signals. */
export function checkConstraints(
  constraints: DqsnConstraints | undefined,
  unique: readonly ValidSignal[],
): Rejection | undefined {
  // [ERROR DQSN_ERROR_CONSTRAINT_UNMET] fewer unique valid signals, or other components, than required
  if (unique.length < (ownOf(constraints, "min_signals") ?? 0)) {
    return reject("DQSN_ERROR_CONSTRAINT_UNMET", "/constraints/min_signals");
  }

  const present = new Set(unique.map(({ envelope }) => envelope.component));
  const missing =
    ownOf(constraints, "required_components")?.findIndex((name) => !present.has(name)) ?? -1;
  if (missing >= 0) {
    return reject("DQSN_ERROR_CONSTRAINT_UNMET", `/constraints/required_components/${missing}`);
  }
  return undefined;
}
