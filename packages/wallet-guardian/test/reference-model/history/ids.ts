/** What an id stands for: the same content for ever, in one payment at a time. */
import type { Ask, Payment, Payout } from "../types.js";
import { idsOf, type World } from "../world.js";

/** Why an id cannot be requested. */
export type Refused = Readonly<{ code: string; txid?: string }>;

const sameOutputs = (a: Payout["to"], b: Payout["to"]): boolean =>
  JSON.stringify((a ?? []).map(({ address, units }) => [address, units])) ===
  JSON.stringify((b ?? []).map(({ address, units }) => [address, units]));

const samePayout = (a: Payout, b: Payout): boolean =>
  a.id === b.id &&
  a.account === b.account &&
  a.units === b.units &&
  a.maxFee === b.maxFee &&
  sameOutputs(a.to, b.to);

/** Whether two requests have the same content. */
const isSame = (a: Ask, b: Ask): boolean =>
  a.form === b.form &&
  a.wallet === b.wallet &&
  a.payouts.length === b.payouts.length &&
  a.payouts.every((payout, n) => {
    const other = b.payouts[n];
    return other !== undefined && samePayout(payout, other);
  });

/** A reservation that was not claimed in time counts no more. */
export const isLapsed = ({ status, countedAt }: Payment, now: number): boolean =>
  status === "reserved" && now >= countedAt;

/** Whether one of the ids was known with another content. */
function isChanged(world: World, ask: Ask): boolean {
  return idsOf(ask).some((id) => {
    const payment = world.payment(id);
    const entry = world.entry(id);
    const payout = ask.payouts.find((one) => one.id === id);
    if (id === ask.id && payment !== undefined && !isSame(payment.ask, ask)) return true;
    // The id of a payment of several is not one of a payout, and the other way round.
    if (payout === undefined) return entry !== undefined;
    if (entry === undefined) return payment !== undefined;
    return entry.wallet !== ask.wallet || !samePayout(entry.payout, payout);
  });
}

/** Why the payment cannot be requested, if it cannot. */
export function refusalOf(world: World, ask: Ask, now: number): Refused | null {
  if (isChanged(world, ask)) return { code: "content_changed" };
  const paid = (txid: string | null): Refused => ({
    code: "already_committed",
    ...(txid === null ? {} : { txid }),
  });
  const own = world.payment(ask.id);
  if (own?.status === "committed") return paid(own.txid);
  if (own?.status === "claimed") return null;
  const others = ask.payouts.flatMap(({ id }) => {
    const entry = world.entry(id);
    const other = entry === undefined ? undefined : world.payment(entry.payment);
    return other === undefined || other.ask.id === ask.id ? [] : [other];
  });
  const holder = others.find(
    (other) =>
      ["claimed", "committed"].includes(other.status) ||
      (other.status === "reserved" && !isLapsed(other, now)),
  );
  if (holder === undefined) return null;
  return holder.status === "committed" ? paid(holder.txid) : { code: "in_other_payment" };
}
