/** What the rules of destinations and fees find: lists, caps, destinations that are new or look-alikes. */
import type { Ask, Finding, Known, ModelPolicy, Output, Payout } from "../types.js";
import { sum } from "../types.js";
import type { World } from "../world.js";

/**
 * Addresses of the histories, with what can be read in them: what they pay to (null: nothing can be
 * read), what two spellings have in common where that is not known, and what look-alikes share.
 */
export const ADDRESSES: Readonly<
  Record<string, Readonly<{ script: string | null; key: string; shape: string | null }>>
> = {
  dgb1qaaaaccccffffdddd: { script: "0014aa", key: "dgb1qaaaaccccffffdddd", shape: "aaaadddd" },
  DGB1QAAAACCCCFFFFDDDD: { script: "0014aa", key: "dgb1qaaaaccccffffdddd", shape: "aaaadddd" },
  dgb1qaaaaeeeegggghddd: { script: "0014bb", key: "dgb1qaaaaeeeegggghddd", shape: "aaaahddd" },
  dgb1qaaaaeeeeggggdddd: { script: "0014bc", key: "dgb1qaaaaeeeeggggdddd", shape: "aaaadddd" },
  SPPPPqqqqrrrrsssTTTT: { script: "a914cc", key: "SPPPPqqqqrrrrsssTTTT", shape: "PPPPTTTT" },
  "3PPPPqqqqrrrrsssUUUU": { script: "a914cc", key: "3PPPPqqqqrrrrsssUUUU", shape: "PPPPUUUU" },
  DPPPPxxxxyyyyzzzTTTT: { script: "76a9dd", key: "DPPPPxxxxyyyyzzzTTTT", shape: "PPPPTTTT" },
  short: { script: "0014ee", key: "short", shape: null },
  torn: { script: null, key: "torn", shape: null },
};

const RATIO = 100_000_000;

/** Where destinations have to be named, and to add up. */
export const areRequired = ({ destinations: rules }: ModelPolicy): boolean =>
  rules.allowed !== null ||
  rules.denied.length > 0 ||
  rules.maxFee !== null ||
  rules.maxFeeRatio1e8 !== null ||
  rules.newSeconds !== null ||
  rules.lookalikes;

/** Whether a payout has what the policy requires, and its sums are right. */
export function isWellFormed(policy: ModelPolicy, { units, account, maxFee, to }: Payout): boolean {
  const { maxFee: cap, maxFeeRatio1e8: ratio } = policy.destinations;
  if (units <= 0) return false;
  if (account === null && (policy.further.account !== null || policy.freezeScope === "account")) {
    return false;
  }
  if (maxFee === null && (cap !== null || ratio !== null)) return false;
  const named = sum((to ?? []).map((output) => output.units)) + (maxFee ?? 0);
  return areRequired(policy) ? to !== null && named === units : named <= units;
}

/** Who has named a destination: the account, or the wallet where there is none. */
const ownerOf = (wallet: string, { account }: Pick<Payout, "account">): string =>
  account === null ? `wallet:${wallet}` : `account:${account}`;

type Question = Readonly<{
  world: World;
  policy: ModelPolicy;
  hasScripts: boolean;
  ask: Ask;
  at: number;
}>;

/** What an address stands for; null: it cannot be read. */
export function scriptOf(address: string, hasScripts: boolean): string | null {
  const known = ADDRESSES[address];
  if (known === undefined) throw new Error(`no address ${address}`);
  return hasScripts ? known.script : known.key;
}

const outputsOf = ({ payouts }: Ask): Output[] => payouts.flatMap(({ to }) => to ?? []);

/** The rules that need no memory: lists and caps. */
export function listFindings({ policy, hasScripts, ask }: Question): Finding[] {
  const { allowed, denied } = policy.destinations;
  const scripts = outputsOf(ask).map(({ address }) => scriptOf(address, hasScripts));
  const listed = (list: readonly string[]) => list.map((one) => scriptOf(one, hasScripts));
  const isDenied = scripts.some(
    (script) =>
      script !== null &&
      (listed(denied).includes(script) || (allowed !== null && !listed(allowed).includes(script))),
  );
  return [
    ...(isDenied ? [{ code: "destination_denied", verdict: "REJECT" } as const] : []),
    ...(scripts.includes(null)
      ? [{ code: "destination_unreadable", verdict: "REJECT" } as const]
      : []),
    ...feeFindings(policy, ask),
  ];
}

function feeFindings({ destinations: rules }: ModelPolicy, ask: Ask): Finding[] {
  const fee = sum(ask.payouts.map(({ maxFee }) => maxFee ?? 0));
  const paid = sum(outputsOf(ask).map(({ units }) => units));
  const found = (limit: string): Finding => ({
    code: "fee_limit",
    verdict: "REJECT",
    limit: `wallet:${ask.wallet} ${limit}`,
  });
  const { maxFee, maxFeeRatio1e8: ratio } = rules;
  return [
    ...(maxFee !== null && fee > maxFee ? [found("max_fee")] : []),
    ...(ratio !== null && paid > 0 && fee * RATIO > ratio * paid ? [found("max_fee_ratio")] : []),
  ];
}

/** One destination of one owner in a payment, what can be read of it there, and all that goes there. */
type Named = Readonly<{ known: Known; shape: string | null; units: number; isFirst: boolean }>;

/** The destinations of a payment, those that no request named before as they will be stored. */
function namedIn({ world, hasScripts, ask, at }: Question): Named[] {
  const named: { known: Known; shape: string | null; units: number; isFirst: boolean }[] = [];
  for (const payout of ask.payouts) {
    const owner = ownerOf(ask.wallet, payout);
    for (const { address, units } of payout.to ?? []) {
      const script = scriptOf(address, hasScripts);
      if (script === null) continue;
      const isSame = (one: Known) => one.owner === owner && one.script === script;
      const there = named.find(({ known }) => isSame(known));
      if (there !== undefined) there.units += units;
      else {
        const known = world.known.find(isSame);
        const shape = ADDRESSES[address]?.shape ?? null;
        const fresh = () => newlyKnown({ owner, script, address, at });
        named.push({ known: known ?? fresh(), shape, units, isFirst: known === undefined });
      }
    }
  }
  return named;
}

/** A destination at first sight. */
export const newlyKnown = ({
  owner,
  script,
  address,
  at,
}: Readonly<{ owner: string; script: string; address: string; at: number }>): Known => ({
  owner,
  script,
  shape: ADDRESSES[address]?.shape ?? null,
  knownAt: at,
  isApproved: false,
  freeUsed: 0,
});

const isNew = ({ destinations: { newSeconds } }: ModelPolicy, known: Known, at: number): boolean =>
  newSeconds !== null && at - known.knownAt < newSeconds * 1_000 && !known.isApproved;

/** The rules that need stored state: what is new waits, a look-alike needs approval. */
export function newFindings(question: Question, firstAt = question.at): Finding[] {
  const { policy, at } = question;
  const named = namedIn({ ...question, at: firstAt });
  const isWaiting = named.some(
    ({ known, units }) =>
      isNew(policy, known, at) && known.freeUsed + units > policy.destinations.newFree,
  );
  // Whichever was named first: each looks like the other.
  const looksLike = ({ known, shape }: Named) =>
    shape !== null &&
    [...question.world.known, ...named.map((one) => ({ ...one.known, shape: one.shape }))].some(
      (one) => one.owner === known.owner && one.script !== known.script && one.shape === shape,
    );
  const isAlike =
    policy.destinations.lookalikes && named.some((one) => !one.known.isApproved && looksLike(one));
  return [
    ...(isWaiting ? [{ code: "new_destination", verdict: "DELAY" } as const] : []),
    ...(isAlike ? [{ code: "destination_lookalike", verdict: "DELAY" } as const] : []),
  ];
}

/** Keeps the destinations of a payment; what was allowed to one that is new uses up what is free. */
export function remember(question: Question, isAllowed: boolean): void {
  const { newSeconds, lookalikes } = question.policy.destinations;
  if (newSeconds === null && !lookalikes) return;
  for (const { known, units, isFirst } of namedIn(question)) {
    if (isFirst) question.world.known.push(known);
    if (isAllowed && isNew(question.policy, known, question.at)) known.freeUsed += units;
  }
}
