/** Says what a proposed change is about, where it only names it by an id. */
import type { Freeze, Incident, Proposal } from "../model.js";
import { freezes, incidents } from "../state/live.js";
import { nameOf } from "./freezes.js";

type Change = Proposal["change"];

/** Sentences about the change's target as it is now; empty where the change says it all itself. */
export function subjectOf(change: Change): string[] {
  if (change.kind === "unfreeze") return frozen(change, freezes.value.value.data?.freezes);
  if (change.kind === "release_incident")
    return incident(change.incident_id, incidents.value.value.data?.incidents);
  if (change.kind === "accept_clock") return clock(change);
  return [];
}

function frozen(
  { scope, id }: Extract<Change, { kind: "unfreeze" }>,
  all: readonly Freeze[] | undefined,
): string[] {
  if (all === undefined) return ["What is frozen cannot be read: look before you vote."];
  const lifted = all.filter((one) =>
    scope === "cause"
      ? one.cause_id === id
      : one.scope === scope && one.id === id && one.kind !== "operator",
  );
  if (lifted.length === 0) return ["No such freeze is in force (any more)."];
  return lifted.map((one) => {
    const by = one.operator === null ? one.kind : `${one.kind} (${one.operator})`;
    return `It lifts the freeze of ${nameOf(one)} by ${by}: ${one.reason}`;
  });
}

function incident(id: string, all: readonly Incident[] | undefined): string[] {
  if (all === undefined) return ["Open incidents cannot be read: look before you vote."];
  const found = all.find((one) => one.incident_id === id);
  if (found === undefined) return ["No such incident is open (any more)."];
  return [`It releases the incident: ${found.summary}`];
}

function clock({ seen }: Extract<Change, { kind: "accept_clock" }>): string[] {
  if (seen === undefined) return ["It does not state how far the clock steps: reject it."];
  const seconds = Math.round(Math.abs(seen.step_ms) / 1_000);
  if (seconds === 0)
    return ["When it was proposed, the clock was in step with the time that has passed."];
  const side = seen.step_ms > 0 ? "ahead of" : "behind";
  return [`When it was proposed, the clock was ${seconds} s ${side} the time that has passed.`];
}
