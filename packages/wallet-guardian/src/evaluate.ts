/** One evaluation from the outside: read the clock and the request, decide under the ledger's locks (Wallet Guardian v2, section 4.1). */
import type { GuardianAnswer } from "./answer.js";
import type { GuardianCode } from "./codes.js";
import { type Context, ledgerCode, reportClock, transact } from "./context.js";
import { decide, type Evaluated, recordRefusal } from "./decide.js";
import { refuse } from "./draft.js";
import { emitAll } from "./events.js";
import type { FinalizeOption } from "./finalize.js";
import { evaluationReads, recordOnlyReads } from "./reads.js";
import { withSpikeRead } from "./spike.js";
import type { Time } from "./time.js";
import { type Malformed, readRequest, type Request } from "./withdrawal.js";
import { has } from "./internal/own.js";

/** What a caller asks. */
export type Question = Readonly<{
  withdrawal: unknown;
  risk: unknown;
  finalize: FinalizeOption;
}>;

/** Decides and records; never rejects. */
export async function evaluate(context: Context, question: Question): Promise<GuardianAnswer> {
  const { compiled } = context;
  const request = readRequest(question.withdrawal, question.risk, compiled.limits.account !== null);
  try {
    const { answer, events } = await settle(context, request, question.finalize);
    emitAll(context.events, events);
    return answer;
  } catch (error) {
    // [REJECT] what cannot be recorded is not allowed
    const { time } = context.clock.begin({ keep: false });
    const codes = [...clockCodes(time), ledgerCode(context, error)];
    return { ...refuse(compiled, request, { time, codes, detail: time.detail }), final: false };
  }
}

async function settle(
  context: Context,
  request: Request | Malformed,
  { finalize, fault }: FinalizeOption,
): Promise<Evaluated> {
  const { compiled, clock } = context;
  // [REJECT] the options cannot be read: whether there is a finalize hook is unknown
  if (fault !== null) {
    const { time } = clock.begin();
    const answer = refuse(compiled, request, { time, codes: ["finalize_failed"], detail: fault });
    return { answer: { ...answer, final: false }, events: [] };
  }
  if (has(request, "withdrawal")) {
    return transact(
      context,
      (nowMs) => withSpikeRead(compiled, evaluationReads(compiled, request, nowMs)),
      (snapshot, time) =>
        time.trusted
          ? decide({ compiled, request, snapshot, clockMs: time.nowMs }, finalize)
          : // [REJECT] the clock cannot be trusted
            recordRefusal(
              refuse(compiled, request, { time, codes: clockCodes(time), detail: time.detail }),
              finalize,
            ),
    );
  }
  // [REJECT] malformed
  if (finalize !== undefined) {
    return transact(context, recordOnlyReads, (_snapshot, time) =>
      recordRefusal(
        refuse(compiled, request, { time, codes: clockCodes(time), detail: time.detail }),
        finalize,
      ),
    );
  }
  const { time } = clock.begin();
  reportClock(context);
  const answer = refuse(compiled, request, { time, codes: clockCodes(time), detail: time.detail });
  return { answer: { ...answer, final: false }, events: [] };
}

const clockCodes = ({ trusted }: Time): GuardianCode[] => (trusted ? [] : ["clock_untrusted"]);
