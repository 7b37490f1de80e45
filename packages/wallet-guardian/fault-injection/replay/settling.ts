/** Replays commits, releases and operators' freezes. */
import { transactionOf, TRANSACTIONS } from "../clients/world.js";
import {
  type Book,
  change,
  type Commit,
  countedUntil,
  isElsewhere,
  type Payment,
  type Payout,
  put,
  storedPayment,
} from "./book.js";
import { shares } from "./claiming.js";
import { contentHash, units } from "./rules.js";
import { addFreeze } from "./scopes.js";

/** A commit as the record has it. */
type CommitRecord = Readonly<{
  id: string;
  txid: string;
  fee: string | null;
  codes: readonly string[];
  /** Status before. */
  status: string | null;
  now: number;
}>;

/** Replays a commit; what is wrong with its answer. */
export function replayCommit(book: Book, given: CommitRecord): string[] {
  const payment = storedPayment(book, given.id);
  if (payment === null) return [`a commit of ${given.id}, which no payment has`];
  const status = payment.head?.status ?? null;
  if (payment.state.commits.some(({ txid }) => txid === given.txid)) {
    return ["a commit was recorded twice"];
  }
  const inputs = inputsOf([given.id, ...payment.payouts.map(({ id }) => id)], given.txid);
  const codes =
    status === "committed"
      ? commitAgain(book, payment, { ...given, inputs })
      : commitFirst(book, payment, { ...given, inputs });
  const { maxFee } = payment.state;
  const isDear = given.fee !== null && maxFee !== null && units(given.fee) > maxFee;
  const expected = [...codes, ...(isDear ? ["fee_exceeded"] : [])].join();
  return [
    ...(given.codes.join() === expected
      ? []
      : [`a commit got ${given.codes.join()}, expected ${expected}`]),
    ...(given.status === status ? [] : [`a commit of ${given.status}, which is ${status}`]),
  ];
}

/** Inputs of a transaction that a client made for a payment, or for one of its payouts. */
function inputsOf(ids: readonly string[], txid: string): readonly string[] | null {
  for (const id of ids) {
    for (let number = 0; number < TRANSACTIONS; number++) {
      const made = transactionOf(id, number);
      if (made.txid === txid) return made.isTold ? made.inputs : null;
    }
  }
  return null;
}

type Paid = CommitRecord & Pick<Commit, "inputs">;

function commitFirst(book: Book, payment: Payment, { txid, inputs, now }: Paid): string[] {
  const isLate = payment.head?.status !== "claimed";
  const at = isLate ? now : (countedUntil(payment) ?? now);
  const { state } = payment;
  const commits = [...state.commits, { txid, inputs, isDouble: false }];
  const elsewhere = payment.payouts.filter(({ id }) => isElsewhere(payment, id));
  const given = { status: "committed", counts: "allowed", at, txid } as const;
  change(book, payment, { ...given, state: { ...state, answer: null, commits } });
  addDoubles(book, payment, { payouts: elsewhere, at: now, txid });
  return isLate ? ["late_commit"] : [];
}

function commitAgain(book: Book, payment: Payment, { txid, inputs, now }: Paid): string[] {
  const { state } = payment;
  const earlier = state.commits.filter(({ isDouble }) => !isDouble);
  const isKnown = earlier.every((one) => one.inputs !== null);
  const named: readonly Pick<Commit, "inputs">[] = isKnown ? earlier : state.claims;
  const isReplacement = named.length > 0 && named.every((one) => shares(one.inputs, inputs));
  const commits = [...state.commits, { txid, inputs, isDouble: !isReplacement }];
  const kept = { status: "committed", counts: "kept", at: null } as const;
  const replaced = isReplacement ? { txid } : {};
  change(book, payment, { ...kept, ...replaced, state: { ...state, commits } });
  if (isReplacement) return ["replaced"];
  const at = Math.max(now, countedUntil(payment) ?? 0);
  addDoubles(book, payment, { payouts: payment.payouts, at, txid });
  return ["double_payment"];
}

type Doubles = Readonly<{ payouts: readonly Payout[]; at: number; txid: string }>;

/** Counts payouts once more. */
function addDoubles(book: Book, payment: Payment, { payouts, at, txid }: Doubles): void {
  for (const { id, account, amount, content } of payouts) {
    const facts = { payment_id: payment.id, txid, withdrawal_id: id };
    put(book, {
      id: `double-${contentHash(facts).slice(0, 32)}`,
      payment: payment.id,
      wallet: payment.wallet,
      account,
      amount,
      content,
      status: "committed",
      counts: "allowed",
      at,
      allowedAt: null,
      txid,
    });
  }
}

/** A release as the record has it. */
type ReleaseRecord = Readonly<{
  id: string;
  operator: string | null;
  signer: string | null;
  isUnexecuted: boolean;
  now: number;
}>;

/** Replays a release, which is recorded where it was accepted alone; why it must not have been. */
export function replayRelease(book: Book, given: ReleaseRecord): string[] {
  const payment = storedPayment(book, given.id);
  if (payment === null) return [`a release of ${given.id}, which no payment has`];
  const fault = releaseFault(payment, given);
  const state = { ...payment.state, answer: null, claims: [] };
  change(book, payment, { status: "released", counts: "nothing", at: null, state });
  return fault === null ? [] : [`a release ${fault}`];
}

function releaseFault(payment: Payment, given: ReleaseRecord): string | null {
  const status = payment.head?.status;
  if (status === "reserved") return null;
  if (status !== "claimed") return `of what is ${status ?? "unknown"}`;
  const { claims } = payment.state;
  const isSigner =
    given.signer !== null &&
    claims.length > 0 &&
    claims.every(({ signer }) => signer === given.signer);
  if (!given.isUnexecuted || (!isSigner && given.operator === null)) return "without a proof";
  return isSigner || given.now >= (countedUntil(payment) ?? 0) ? null : "of a running claim";
}

/** An operator's order as the record has it. */
type Order = Readonly<{ scope: string; id: string; cause: string; now: number }>;

const scopeOf = ({ scope, id }: Order): string => (scope === "global" ? scope : `${scope}:${id}`);

/** Replays a freeze. */
export function replayFreeze(book: Book, order: Order): string[] {
  const scope = scopeOf(order);
  if (!book.freezes.some((one) => one.scope === scope)) book.attempts.delete(scope);
  addFreeze(book, { scope, kind: "operator", cause: order.cause, first: order.now });
  return [];
}

/** Replays a lift, which is recorded where it lifted something alone. */
export function replayLift(book: Book, order: Order): string[] {
  const isLifted = (one: Book["freezes"][number]) =>
    order.scope === "cause"
      ? one.cause === order.id
      : one.scope === scopeOf(order) && one.kind !== "operator";
  const kept = book.freezes.filter((one) => !isLifted(one));
  const found = kept.length < book.freezes.length;
  book.freezes = kept;
  return found ? [] : ["a lift that lifted nothing"];
}
