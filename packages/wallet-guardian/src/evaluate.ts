/** One evaluation from the outside: read the clock and the request, decide under the ledger's locks (Wallet Guardian v2, section 4.1). */
import type { ShieldEvent } from "@dgb-shield/contract";
import type { GuardianAnswer } from "./answer.js";
import type { Reading } from "./clock.js";
import type { GuardianCode } from "./codes.js";
import { type Context, ledgerCode } from "./context.js";
import { decide, type Evaluated, recordRefusal } from "./decide.js";
import { refuse } from "./draft.js";
import { emitAll, guardianEvent } from "./events.js";
import type { Finalize } from "./finalize.js";
import { evaluationReads, recordOnlyReads } from "./reads.js";
import { withSpikeRead } from "./spike.js";
import { type Malformed, readRequest, type Request } from "./withdrawal.js";

/** What a caller asks. */
export type Question = Readonly<{
  withdrawal: unknown;
  risk: unknown;
  finalize: Finalize | undefined;
}>;

/** Decides and records; never rejects. */
export async function evaluate(context: Context, question: Question): Promise<GuardianAnswer> {
  const reading = context.clock.read();
  const needsAccount = context.compiled.limits.account !== null;
  const request = readRequest(question.withdrawal, question.risk, needsAccount);
  const clockEvents = eventsOfClock(context, reading);
  try {
    const { answer, events } = await settle(context, { request, reading, ...question });
    emitAll(context.events, [...clockEvents, ...events]);
    return answer;
  } catch (error) {
    // [REJECT] what cannot be recorded is not allowed
    emitAll(context.events, clockEvents);
    const codes = [...clockCodes(reading), ledgerCode(error)];
    return { ...refuse(context.compiled, request, { nowMs: reading.nowMs, codes }), final: false };
  }
}

type Read = Readonly<{
  request: Request | Malformed;
  reading: Reading;
  finalize: Finalize | undefined;
}>;

function settle(context: Context, { request, reading, finalize }: Read): Promise<Evaluated> {
  const { compiled, ledger } = context;
  const { nowMs, trusted } = reading;
  if ("withdrawal" in request && trusted) {
    const reads = withSpikeRead(compiled, evaluationReads(compiled, request, nowMs));
    return ledger.transact(reads, (snapshot) => decide({ compiled, request, snapshot }, finalize));
  }
  // [REJECT] malformed, or nobody knows what time it is
  const refusal = refuse(compiled, request, { nowMs, codes: clockCodes(reading) });
  if (finalize === undefined) {
    return Promise.resolve({ answer: { ...refusal, final: false }, events: [] });
  }
  return ledger.transact(recordOnlyReads(nowMs), () => recordRefusal(refusal, finalize));
}

const eventsOfClock = ({ clock }: Context, reading: Reading): ShieldEvent[] =>
  clock.isNewlyLost(reading)
    ? [guardianEvent("clock_untrusted", "clock", { at_ms: reading.nowMs })]
    : [];

const clockCodes = ({ trusted }: Reading): GuardianCode[] => (trusted ? [] : ["clock_untrusted"]);
