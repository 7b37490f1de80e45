/** Evaluates a request: reads the clock and the request, then decides under the ledger's locks (Wallet Guardian v2, section 4.1). */
import type { GuardianAnswer } from "./answer.js";
import { behaviourOf, withBehaviourReads } from "../behaviour/reads.js";
import type { GuardianCode } from "../codes.js";
import { type Context, ledgerCode, transact } from "../context.js";
import { decide, type Evaluated, recordRejection } from "./decide.js";
import { reject } from "./default-deny.js";
import { emitAll, guardianEvent } from "../events.js";
import { bindFinalize, type BoundFinalize, type FinalizeOption } from "./finalize.js";
import { has } from "../internal/own.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { LedgerReads, LedgerSnapshot, LedgerStep } from "../ports.js";
import { evaluationReads, recordOnlyReads } from "./reads.js";
import { record, recordsOf } from "../records.js";
import { destinationAge } from "./track-destinations.js";
import { type Malformed, readRequest, type Request } from "../request/read-request.js";
import { withSpikeRead } from "../rules/request-spike.js";
import type { Time } from "../clock/time.js";

/** The arguments of `evaluate`. */
export type Question = Readonly<{
  payment: unknown;
  risk: unknown;
  finalize: FinalizeOption;
}>;

/** Decides and records; never rejects. */
export async function evaluate(context: Context, question: Question): Promise<GuardianAnswer> {
  const { compiled } = context;
  const request = readRequest(question.payment, question.risk, compiled.requires);
  try {
    const { answer, events } = await settle(context, request, question.finalize);
    if (answer.reason_codes.includes("policy_outdated")) context.gate.reported();
    emitAll(context.events, events);
    return answer;
  } catch (error) {
    // [REJECT ledger_busy, ledger_unavailable] what cannot be recorded is not allowed
    const { time } = context.clock.begin({ keep: false });
    const codes = [...clockCodes(time), ledgerCode(context, error)];
    return { ...reject(compiled, request, { time, codes, detail: time.detail }), final: false };
  }
}

function settle(
  context: Context,
  request: Request | Malformed,
  { finalize, fault }: FinalizeOption,
): Promise<Evaluated> {
  const { compiled } = context;
  // Options that cannot be read may hold a finalize hook.
  const faults: GuardianCode[] = fault === null ? [] : ["finalize_failed"];
  if (fault === null && has(request, "payment")) {
    return transact(
      context,
      (nowMs) => readsOf(compiled, request, nowMs),
      (snapshot, time) =>
        step(context, {
          ...{ request, snapshot, time },
          finalize: bindFinalize(finalize, snapshot, {
            ...shownAge(destinationAge({ compiled, request, snapshot })),
            ...(compiled.judgesBehaviour
              ? { behaviour_score: behaviourOf(request.payment, snapshot) }
              : {}),
          }),
        }),
    );
  }
  // [REJECT invalid_withdrawal, invalid_risk] malformed
  return transact(context, recordOnlyReads, (snapshot, time) => {
    const codes = [...faults, ...clockCodes(time)];
    const detail = [fault ?? undefined, time.detail].filter((text) => text !== undefined);
    const rejection = reject(compiled, request, {
      time,
      codes,
      detail: detail.length === 0 ? undefined : detail.join("; "),
    });
    return recordRejection(rejection, bindFinalize(finalize, snapshot));
  });
}

/** The reads of the rules, and behind them those of the behaviour. */
function readsOf(compiled: CompiledPolicy, request: Request, nowMs: number): LedgerReads {
  const reads = withSpikeRead(compiled, evaluationReads(compiled, request, nowMs));
  return compiled.judgesBehaviour ? withBehaviourReads(reads, request.payment) : reads;
}

const shownAge = (destination_age_ms: number | null) =>
  destination_age_ms === null ? {} : { destination_age_ms };

type StepInput = Readonly<{
  request: Request;
  snapshot: LedgerSnapshot;
  time: Time;
  finalize: BoundFinalize | undefined;
}>;

function step(
  { compiled, gate }: Context,
  { request, snapshot, time, finalize }: StepInput,
): LedgerStep<Evaluated> {
  const rejected = (codes: readonly GuardianCode[], detail: string | undefined) =>
    recordRejection(reject(compiled, request, { time, codes, detail }), finalize);
  const standing = gate.check(snapshot.policy);
  if (standing === "outdated") {
    // [REJECT policy_outdated] a newer process has made another policy the current one
    const events = outdatedEvents({ compiled, gate }, time.nowMs);
    return withEvents(rejected(["policy_outdated"], OUTDATED), events);
  }
  // [REJECT clock_untrusted] no time can be trusted
  if (!time.trusted) return rejected(clockCodes(time), time.detail);
  const decided = decide({ compiled, request, snapshot, clockMs: time.nowMs }, finalize);
  return standing === "register" ? registering({ compiled }, decided, time.nowMs) : decided;
}

/** Adds events to a step and to its records. */
const withEvents = (
  { result, writes }: LedgerStep<Evaluated>,
  events: Evaluated["events"],
): LedgerStep<Evaluated> => {
  const [first, ...rest] = writes?.records ?? [];
  const records = first === undefined ? rest : [...recordsOf(first, events), ...rest];
  return { result: { ...result, events }, writes: { ...writes, records } };
};

/** Detail of `policy_outdated`. */
export const OUTDATED =
  "another policy of this name is the ledger's current one: restart this process with it";

/** Makes the event of a process that goes on with an old policy, once. */
export const outdatedEvents = (
  { compiled, gate }: Pick<Context, "compiled" | "gate">,
  at_ms: number,
) =>
  gate.isNews()
    ? [
        guardianEvent("policy_outdated", `policy:${compiled.policy.name}`, {
          policy_version: compiled.version,
          at_ms,
        }),
      ]
    : [];

/** Adds to a step that this process's policy becomes the current one. */
function registering<T>(
  { compiled }: Pick<Context, "compiled">,
  { result, writes }: LedgerStep<T>,
  at_ms: number,
): LedgerStep<T> {
  const { name } = compiled.policy;
  const { version } = compiled;
  const adopted = record("policy", { name, policy_version: version, at_ms });
  const records = [adopted, ...(writes?.records ?? [])];
  return { result, writes: { ...writes, policy: { name, version }, records } };
}

const clockCodes = ({ trusted }: Time): GuardianCode[] => (trusted ? [] : ["clock_untrusted"]);
