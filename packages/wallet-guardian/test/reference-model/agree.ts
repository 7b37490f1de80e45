/** What must hold of one history: model and engine agree, and the engine's hints are exact. */
import { inspect, isDeepStrictEqual } from "node:util";
import { parseAmount } from "@dgb-shield/contract";
import { createMemoryLedger, type Ledger } from "../../src/index.js";
import { areRequired } from "./rules/destinations.js";
import { askEngine } from "./engine.js";
import { type History, KNOWN_RISKS, type Step } from "./history/index.js";
import { askNow, begin, guardianOf, type Play, take } from "./play.js";
import type { Ask } from "./types.js";
import { idsOf } from "./world.js";

/** How much was compared, how many hints were tried out, and how often each code came. */
export type Tally = {
  histories: number;
  steps: number;
  answers: number;
  retries: number;
  amounts: number;
  said: Map<string, number>;
};

export const newTally = (): Tally => ({
  histories: 0,
  steps: 0,
  answers: 0,
  retries: 0,
  amounts: 0,
  said: new Map(),
});

/** The largest amount there is. */
const EVERYTHING = 2n ** 63n - 1n;

/**
 * Plays a history and tries out the hints of its last answer.
 *
 * @throws at the first difference, with both answers
 */
export async function agree(
  history: History,
  tally: Tally,
  createLedger: () => Ledger | Promise<Ledger> = createMemoryLedger,
): Promise<void> {
  const ledger = await createLedger();
  try {
    const play = begin(history, ledger);
    let answer: Readonly<Record<string, unknown>> = {};
    for (const [index, step] of history.steps.entries()) {
      const { model, engine } = await take(play, step);
      if (!isDeepStrictEqual(model, engine)) throw differ(index, step, { model, engine });
      answer = engine;
      tally.steps += 1;
      if (step.do === "ask") tally.answers += 1;
      for (const word of wordsOf(engine)) tally.said.set(word, (tally.said.get(word) ?? 0) + 1);
    }
    tally.histories += 1;
    await tryHints(history, { play, answer, tally });
  } finally {
    await ledger.close();
  }
}

const wordsOf = ({ decision, accepted, codes }: Readonly<Record<string, unknown>>): string[] =>
  [decision ?? (accepted === true ? "accepted" : "refused"), codes].flatMap((text) =>
    typeof text === "string" ? text.split(" ").filter((word) => word !== "") : [],
  );

type Last = Readonly<{ play: Play; answer: Readonly<Record<string, unknown>>; tally: Tally }>;

/** Answers of which nothing passes by waiting, or for a smaller amount. */
const NO_HINT =
  /content_changed|already_committed|in_other_payment|claim_unsettled|policy_outdated|invalid|untrusted/;

async function tryHints(history: History, last: Last): Promise<void> {
  const step = history.steps.at(-1);
  const { answer, play } = last;
  // A malformed request and a failed finalize hook carry no hints; nor does an id rejected for itself.
  if (step?.do !== "ask" || !KNOWN_RISKS.includes(step.ask.risk)) return;
  if (step.ask.finalize === "throw") return;
  // Nothing of the request waits for a clock: the hint is how often to retry.
  if (NO_HINT.test(String(answer["codes"]))) return;
  const ask: Ask = { ...askNow(play, step), finalize: "none" };
  if (typeof answer["retryAfter"] === "number") await tryRetry(last, ask);
  const ids = idsOf(ask);
  const isKnown = history.steps
    .slice(0, -1)
    .some((other) => other.do === "ask" && idsOf(other.ask).some((id) => ids.includes(id)));
  if (!isKnown) await tryAmounts(history, last, ask);
}

/** One millisecond early it is still rejected; at the moment itself it passes. */
async function tryRetry({ play, answer, tally }: Last, ask: Ask): Promise<void> {
  const moment = Number(answer["at"]) + Number(answer["retryAfter"]);
  const askAt = async (now: number) => {
    play.time.steady += now - play.time.wall;
    play.time.wall = now;
    return (await askEngine(guardianOf(play, 0), ask))["decision"];
  };
  const early = await askAt(moment - 1);
  const exact = await askAt(moment);
  if (early === "ALLOW" || exact !== "ALLOW") throw differ(-1, ask, { early, exact });
  tally.retries += 1;
}

/** Whether another amount changes nothing but the findings of limits. */
function isScalable({ policies: [policy] }: History, { payouts }: Ask): boolean {
  if (payouts.length > 1 || policy === undefined) return false;
  const { maxFeeRatio1e8, newSeconds } = policy.destinations;
  if (maxFeeRatio1e8 !== null || newSeconds !== null) return false;
  return !areRequired(policy);
}

/** In place of the last request, the amount passes, and one base unit more does not. */
async function tryAmounts(history: History, last: Last, ask: Ask): Promise<void> {
  const { allowedNow, newlyFrozen } = last.answer;
  if (newlyFrozen !== undefined || String(last.answer["codes"]).includes("high_risk_freeze"))
    return;
  if (!isScalable(history, ask)) return;
  const bound = allowedNow === undefined ? null : parseAmount(allowedNow);
  const fee = BigInt(ask.payouts[0]?.maxFee ?? 0);
  const verdictOn = async (units: bigint) => {
    const ledger = createMemoryLedger();
    const play = begin(history, ledger);
    for (const step of history.steps.slice(0, -1)) await take(play, step);
    const answer = await askEngine(guardianOf(play, 0), ask, units);
    return answer["decision"];
  };
  const facts = {
    most: bound !== null && bound <= fee ? "ALLOW" : await verdictOn(bound ?? EVERYTHING),
    more: bound === null || bound + 1n <= fee ? "DELAY" : await verdictOn(bound + 1n),
  };
  if (facts.most !== "ALLOW" || facts.more === "ALLOW") throw differ(-1, ask, facts);
  last.tally.amounts += 1;
}

function differ(index: number, step: Step | Ask, answers: object): Error {
  const where = index < 0 ? "a hint of the last answer is wrong" : `step ${index} differs`;
  return new Error(`${where}: ${inspect({ step, ...answers }, { depth: null })}`);
}
