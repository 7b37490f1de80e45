/** What the model's ledger holds: plain lists, searched from one end to the other. */
import type { Ask, Entry, Freeze, Kind, Known, Payment, Payout, ScopeType } from "./types.js";
import { unique } from "./types.js";

/** An ALLOW of a payment, from which the cooldown of a scope runs. */
type Allow = { readonly payment: string; readonly scope: string; at: number };

export class World {
  readonly payments: Payment[] = [];
  readonly entries: Entry[] = [];
  /** What was paid twice, once more for each. */
  readonly doubles: Entry[] = [];
  freezes: Freeze[] = [];
  attempts: { scope: string; at: number }[] = [];
  accountFreezes: { wallet: string; account: string; at: number }[] = [];
  readonly allows: Allow[] = [];
  readonly lastTime = new Map<string, number>();
  readonly known: Known[] = [];
  /** The policy that counts, and how often it has changed; null: none is registered. */
  policy: Readonly<{ version: string; generation: number }> | null = null;

  payment(id: string): Payment | undefined {
    return this.payments.find(({ ask }) => ask.id === id);
  }

  /** Drops a payment of one payout that has gone on to another payment: its row is the other's. */
  forget(id: string): void {
    const index = this.payments.findIndex(({ ask }) => ask.id === id);
    if (this.payments[index]?.ask.form === "withdrawal") this.payments.splice(index, 1);
  }

  entry(id: string): Entry | undefined {
    return this.entries.find(({ payout }) => payout.id === id);
  }

  /** What belongs to a payment now. */
  entriesOf({ ask }: Payment): Entry[] {
    return this.entries.filter(({ payment }) => payment === ask.id);
  }

  /** All that counts in a scope but what is requested. */
  others(scope: string, own: readonly string[]): Entry[] {
    const others = this.entries.filter(({ payout }) => !own.includes(payout.id));
    return [...others, ...this.doubles].filter(({ wallet, payout }) =>
      scopesOf(wallet, [payout]).includes(scope),
    );
  }

  isFrozen(scope: string): boolean {
    return this.freezes.some((freeze) => freeze.scope === scope);
  }

  hasKind(scope: string, kind: Kind): boolean {
    return this.freezes.some((freeze) => freeze.scope === scope && freeze.kind === kind);
  }

  /** A new freeze begins a new series of attempts. */
  beginSeries(scope: string): void {
    if (!this.isFrozen(scope)) this.attempts = this.attempts.filter((a) => a.scope !== scope);
  }

  /** An automatic kind counts; an operator's freeze stands for itself. */
  addFreeze(freeze: Readonly<{ scope: string; kind: Kind; cause: string; at: number }>): void {
    const { scope, kind, cause, at } = freeze;
    const there = this.freezes.find(
      (other) =>
        other.scope === scope &&
        other.kind === kind &&
        (kind !== "operator" || other.cause === cause),
    );
    if (there === undefined) this.freezes.push({ scope, kind, cause, lastAt: at, count: 1 });
    else if (kind !== "operator") {
      there.lastAt = Math.max(there.lastAt, at);
      there.count += 1;
    }
  }

  /** The clock is right: what lies in the future of it happened now; what is counted may lie ahead a little. */
  redate(now: number, ahead: number): void {
    const dated = (at: number) => Math.min(at, now);
    for (const [scope, at] of this.lastTime) this.lastTime.set(scope, dated(at));
    for (const allow of this.allows) allow.at = dated(allow.at);
    for (const freeze of this.freezes) freeze.lastAt = dated(freeze.lastAt);
    for (const known of this.known) known.knownAt = dated(known.knownAt);
    this.attempts = this.attempts.map(({ scope, at }) => ({ scope, at: dated(at) }));
    this.accountFreezes = this.accountFreezes.map((one) => ({ ...one, at: dated(one.at) }));
    for (const entry of [...this.entries, ...this.doubles]) {
      entry.countedAt = Math.min(entry.countedAt, now + ahead);
    }
    for (const payment of this.payments) {
      payment.countedAt = Math.min(payment.countedAt, now + ahead);
      if (payment.allowedAt === null || payment.allowedAt <= now) continue;
      payment.allowedAt = now;
      payment.answer = null;
    }
  }
}

export const SCOPES: readonly ScopeType[] = ["account", "wallet", "global"];

/** Accounts in the order of their ids, the wallet, everything. */
export const scopesOf = (wallet: string, payouts: readonly Payout[]): string[] => [
  ...unique(
    payouts.flatMap(({ account }) => (account === null ? [] : [`account:${account}`])),
  ).sort((a, b) => (a < b ? -1 : 1)),
  `wallet:${wallet}`,
  "global",
];

export const scopesOfAsk = ({ wallet, payouts }: Ask): string[] => scopesOf(wallet, payouts);

export const typeOf = (scope: string): ScopeType =>
  SCOPES.find((type) => scope === type || scope.startsWith(`${type}:`)) ?? "global";

/** The ids that a question is about: its own, and those of its payouts. */
export const idsOf = ({ id, payouts }: Ask): string[] => [id, ...payouts.map((one) => one.id)];
