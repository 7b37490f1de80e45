/** What becomes of a payment: it was paid, perhaps twice, or it was given up. */
import { momentOf, type Process, remember } from "../process.js";
import type { Commit, Payment, SettleExpected } from "../types.js";
import { sum } from "../types.js";
import { scopesOfAsk, type World } from "../world.js";

export type CommitAsk = Readonly<{
  id: string;
  txid: string;
  fee: number | null;
  inputs: readonly string[] | null;
}>;

export type ReleaseAsk = Readonly<{
  id: string;
  isOperator: boolean;
  signer: string | null;
  isNotExecuted: boolean;
}>;

const refuse = (code: string, retryAfter?: number): SettleExpected => ({
  accepted: false,
  codes: [code],
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

const accept = (codes: readonly string[] = []): SettleExpected => ({ accepted: true, codes });
const AGAIN: SettleExpected = { accepted: true, codes: [], repeated: true };

type Settling = Readonly<{ payment: Payment; now: number; trusted: boolean }>;

/** The payment of an id, and what time it is for it; a rejection where there is none. */
function settling(process: Process, id: string): Settling | string {
  const { world } = process;
  const entry = world.entry(id);
  const payment = world.payment(id);
  if (payment === undefined) {
    if (entry !== undefined) return "part_of_payment";
    process.clock.read();
    return "unknown_withdrawal";
  }
  const { now, trusted } = momentOf(process, scopesOfAsk(payment.ask));
  return { payment, now, trusted };
}

/** What changed is stored at its time. */
function changed(process: Process, { payment, now, trusted }: Settling): void {
  if (trusted) remember(process, scopesOfAsk(payment.ask), now);
}

/** Money has moved: whenever that is reported, it is recorded. */
export function commit(process: Process, asked: CommitAsk): SettleExpected {
  // A payout's id stands for its payment: one transaction pays all of it.
  const own = process.world.payment(asked.id) !== undefined;
  const id = own ? asked.id : (process.world.entry(asked.id)?.payment ?? asked.id);
  const found = settling(process, id);
  if (typeof found === "string") return refuse(found);
  const { payment, now } = found;
  if (payment.status === "committed") return commitAgain(process, found, asked);
  const isLate = payment.status !== "claimed";
  if (isLate) countLate(process.world, payment, now);
  Object.assign(payment, { status: "committed", answer: null, txid: asked.txid });
  payment.commits.push(commitOf(asked, false));
  changed(process, found);
  return accept([...(isLate ? ["late_commit"] : []), ...feeCodes(payment, asked)]);
}

const commitOf = ({ txid, fee, inputs }: CommitAsk, isDouble: boolean): Commit => ({
  txid,
  fee,
  inputs,
  isDouble,
});

function feeCodes({ ask }: Payment, { fee }: CommitAsk): string[] {
  const caps = ask.payouts.flatMap(({ maxFee }) => (maxFee === null ? [] : [maxFee]));
  return fee !== null && caps.length > 0 && fee > sum(caps) ? ["fee_exceeded"] : [];
}

/** What is still its own counts from now; what has moved to another payment counts there, and here once more. */
function countLate(world: World, payment: Payment, now: number): void {
  payment.countedAt = now;
  const own = world.entriesOf(payment);
  for (const entry of own) Object.assign(entry, { counts: "allowed", countedAt: now });
  const moved = payment.ask.payouts.filter((payout) =>
    own.every((one) => one.payout.id !== payout.id),
  );
  countTwice(world, { ...payment.ask, payouts: moved }, now);
}

function countTwice(
  world: World,
  { wallet, payouts, id }: Payment["ask"],
  countedAt: number,
): void {
  for (const payout of payouts) {
    world.doubles.push({
      payout: { ...payout, id: `double of ${payout.id}` },
      wallet,
      payment: id,
      counts: "allowed",
      countedAt,
    });
  }
}

function commitAgain(process: Process, found: Settling, asked: CommitAsk): SettleExpected {
  const { payment, now } = found;
  const known = payment.commits.find(({ txid }) => txid === asked.txid);
  if (known !== undefined) return complete(process, found, { known, asked });
  changed(process, found);
  const isDouble = !isReplacement(payment, asked);
  payment.commits.push(commitOf(asked, isDouble));
  if (isDouble) countTwice(process.world, payment.ask, Math.max(now, payment.countedAt));
  else payment.txid = asked.txid;
  return accept([isDouble ? "double_payment" : "replaced", ...feeCodes(payment, asked)]);
}

/** What was not known before of a transaction is added. */
function complete(
  process: Process,
  found: Settling,
  { known, asked }: Readonly<{ known: Commit; asked: CommitAsk }>,
): SettleExpected {
  const isNews =
    (known.fee === null && asked.fee !== null) || (known.inputs === null && asked.inputs !== null);
  if (!isNews) return AGAIN;
  known.fee ??= asked.fee;
  known.inputs ??= asked.inputs;
  changed(process, found);
  return { ...AGAIN, codes: feeCodes(found.payment, asked) };
}

/** Whether the transaction cannot be mined beside any that paid before, or, where those are not known, any that was claimed. */
function isReplacement({ commits, claims }: Payment, { inputs }: CommitAsk): boolean {
  const earlier = commits.filter(({ isDouble }) => !isDouble);
  const named = earlier.every((one) => one.inputs !== null) ? earlier : claims;
  return (
    inputs !== null &&
    named.length > 0 &&
    named.every((one) => one.inputs?.some((input) => inputs.includes(input)) === true)
  );
}

/** Gives room back: at once where nothing could be signed, else only where nothing was. */
export function release(process: Process, asked: ReleaseAsk): SettleExpected {
  const found = settling(process, asked.id);
  if (typeof found === "string") return refuse(found);
  const { payment } = found;
  switch (payment.status) {
    case "open":
      return refuse("not_reserved");
    case "released":
      return AGAIN;
    case "committed":
      return refuse("already_committed");
    case "reserved":
      return giveUp(process, found);
    case "claimed":
      return releaseClaimed(process, found, asked);
  }
}

function releaseClaimed(process: Process, found: Settling, asked: ReleaseAsk): SettleExpected {
  const { payment, now } = found;
  const { signer, isOperator, isNotExecuted } = asked;
  const isOwn = signer !== null && payment.claims.every((one) => one.signer === signer);
  if (!isNotExecuted || (!isOwn && !isOperator)) return refuse("claimed");
  const wait = payment.countedAt - now;
  return wait > 0 && !isOwn ? refuse("claim_running", wait) : giveUp(process, found);
}

function giveUp(process: Process, found: Settling): SettleExpected {
  const { payment } = found;
  Object.assign(payment, { status: "released", answer: null, claims: [] });
  for (const entry of process.world.entriesOf(payment)) entry.counts = "nothing";
  changed(process, found);
  return accept();
}
