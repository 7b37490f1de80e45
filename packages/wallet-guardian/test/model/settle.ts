/** What becomes of a payment: it was paid, perhaps twice, or it was given up. */
import { isOutdated, momentOf, type Process, remember } from "./process.js";
import type { Payment, SettleExpected } from "./types.js";
import { sum, unique } from "./types.js";
import { scopesOfAsk, type World } from "./world.js";

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

/** The payment of an id, and what time it is for it; a refusal where there is none. */
function settling(
  process: Process,
  id: string,
): Readonly<{ payment: Payment; now: number }> | string {
  const { world } = process;
  const entry = world.entry(id);
  const payment = world.payment(id);
  if (payment === undefined) {
    process.clock.read();
    return entry === undefined ? "unknown_withdrawal" : "in_other_payment";
  }
  isOutdated(process);
  const scopes = scopesOfAsk(payment.ask);
  const { now, trusted } = momentOf(process, scopes);
  if (trusted) remember(process, scopes, now);
  return { payment, now };
}

/** Money has moved: whenever that is said, it is remembered. */
export function commit(process: Process, asked: CommitAsk): SettleExpected {
  const found = settling(process, asked.id);
  if (typeof found === "string") return refuse(found);
  const { payment, now } = found;
  if (payment.status === "committed") return commitAgain(process.world, { payment, asked, now });
  const isLate = payment.status !== "claimed";
  if (isLate) countLate(process.world, payment, now);
  Object.assign(payment, { status: "committed", answer: null, txid: asked.txid });
  Object.assign(payment, { inputs: asked.inputs, fee: asked.fee });
  return accept([...(isLate ? ["late_commit"] : []), ...feeCodes(payment, asked)]);
}

function feeCodes({ ask }: Payment, { fee }: CommitAsk): string[] {
  const caps = ask.payouts.flatMap(({ maxFee }) => (maxFee === null ? [] : [maxFee]));
  return fee !== null && caps.length > 0 && fee > sum(caps) ? ["fee_exceeded"] : [];
}

/** What is still its own counts from now; what has moved to another payment counts there, and here once more. */
function countLate(world: World, payment: Payment, now: number): void {
  payment.countedAt = now;
  const own = world.entriesOf(payment);
  for (const entry of own) Object.assign(entry, { counts: "allowed", countedAt: now });
  const moved = payment.ask.payouts.filter((payout) => own.every((one) => one.payout !== payout));
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

function commitAgain(
  world: World,
  { payment, asked, now }: Readonly<{ payment: Payment; asked: CommitAsk; now: number }>,
): SettleExpected {
  const { txid, fee, inputs } = asked;
  if (txid === payment.txid) {
    const codes = payment.fee === null ? feeCodes(payment, asked) : [];
    payment.fee ??= fee;
    payment.inputs ??= inputs;
    return { ...AGAIN, codes };
  }
  const known = payment.inputs ?? payment.claims.at(-1)?.inputs ?? null;
  if (inputs !== null && known !== null && inputs.some((one) => known.includes(one))) {
    Object.assign(payment, { txid, inputs, fee: fee ?? payment.fee });
    return accept(["replaced", ...feeCodes(payment, asked)]);
  }
  if (payment.doubles.includes(txid)) return AGAIN;
  payment.doubles = unique([...payment.doubles, txid]);
  countTwice(world, payment.ask, Math.max(now, payment.countedAt));
  return accept(["double_payment", ...feeCodes(payment, asked)]);
}

/** Gives room back: at once where nothing could be signed, else only where nothing was. */
export function release(process: Process, asked: ReleaseAsk): SettleExpected {
  const found = settling(process, asked.id);
  if (typeof found === "string") return refuse(found);
  const { payment, now } = found;
  switch (payment.status) {
    case "open":
      return refuse("not_reserved");
    case "released":
      return AGAIN;
    case "committed":
      return refuse("already_committed");
    case "reserved":
      return giveUp(process.world, payment);
    case "claimed":
      return releaseClaimed(process.world, payment, { asked, now });
  }
}

function releaseClaimed(
  world: World,
  payment: Payment,
  { asked, now }: Readonly<{ asked: ReleaseAsk; now: number }>,
): SettleExpected {
  const { signer, isOperator, isNotExecuted } = asked;
  if (!isNotExecuted) return refuse("claimed");
  const isOwn = signer !== null && payment.claims.every((one) => one.signer === signer);
  if (isOwn) return giveUp(world, payment);
  if (!isOperator) return refuse("claimed");
  const wait = payment.countedAt - now;
  return wait > 0 ? refuse("claim_running", wait) : giveUp(world, payment);
}

function giveUp(world: World, payment: Payment): SettleExpected {
  payment.status = "released";
  payment.answer = null;
  payment.claims = [];
  for (const entry of world.entriesOf(payment)) entry.counts = "nothing";
  return accept();
}
