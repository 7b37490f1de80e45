/**
 * Section 7 of the design once more, as plain lists and loops, to hold the engine against. It shares
 * nothing with `src/`: amounts are numbers of base units, ids are small words, and nothing is clever.
 * Where the engine computes when a window has room, or how much would pass, the model just tries.
 */

export const RISKS = ["LOW", "MEDIUM", "HIGH"] as const;
export type Risk = (typeof RISKS)[number];
export type Verdict = "ALLOW" | "DELAY" | "FREEZE" | "REJECT";
export type Row = Readonly<Record<Risk, Verdict>>;
export type ScopeType = "account" | "wallet" | "global";

/** Limits of one scope, in base units and seconds. */
export type ModelLimits = Readonly<{
  maxPerTx: number | null;
  max24h: number | null;
  windows: readonly Readonly<{
    seconds: number;
    maxAmount: number | null;
    maxCount: number | null;
  }>[];
  cooldownSeconds: number;
}>;

/** A policy, in base units. */
export type ModelPolicy = Readonly<{
  /** The wallet's plain limits. */
  plain: ModelLimits;
  further: Readonly<Record<ScopeType, ModelLimits | null>>;
  highRiskFreeze: boolean;
  releaseFreezeAtLow: "risk" | "all" | "none";
  attempts: Readonly<{ count: number; seconds: number }>;
  allowValidSeconds: number;
  maxClockJumpMs: number;
  allowDestinations: readonly string[] | null;
  denyDestinations: readonly string[];
  table: Readonly<Record<string, Row>>;
}>;

/** What is asked. */
export type Ask = Readonly<{
  id: string;
  wallet: string;
  account: string | null;
  units: number;
  destination: string | null;
  risk: Risk;
  finalize: "none" | "allow" | "refuse" | "throw";
}>;

/** What the answer must say. */
export type Expected = Readonly<{
  decision: Verdict;
  codes: readonly string[];
  final: boolean;
  at: number;
  retryAfter?: number;
  allowedNow?: number;
  validUntil?: number;
  /** Of a final ALLOW: how long it is still valid. */
  validFor?: number;
  repeated?: true;
  txid?: string;
  newlyFrozen?: readonly string[];
}>;

type Kind = "risk" | "limit" | "operator";
type Freeze = Readonly<{ scope: string; kind: Kind; cause: string }>;
type Finding = Readonly<{ code: string; verdict: Verdict; freezes?: string; kind?: Kind }>;
type Entry = {
  ask: Ask;
  status: "open" | "reserved" | "committed" | "released";
  counts: "allowed" | "asked" | "nothing";
  countedAt: number;
  allowedAt: number | null;
  txid: string | null;
  /** The ALLOW in force. */
  standing: Standing | null;
};
type Standing = Readonly<{ said: Expected; risk: Risk }>;

const ORDER: readonly Verdict[] = ["ALLOW", "DELAY", "FREEZE", "REJECT"];
const LIFTED_AT_LOW = { risk: ["risk"], all: ["risk", "limit"], none: [] } as const;
const DAY = 86_400;
/** More than any amount that the model's limits speak of. */
const PLENTY = 1_000;

export class Model {
  private readonly entries: Entry[] = [];
  private freezes: Freeze[] = [];
  private attempts: { scope: string; at: number }[] = [];
  private readonly lastTime = new Map<string, number>();
  /** What is remembered of time: the latest trusted one, and where both clocks stood together. */
  private clock: { time: number; anchor: { wall: number; steady: number } | null } | null = null;

  private readonly policy: ModelPolicy;
  private readonly time: Readonly<{ wall: number; steady: number }>;
  private readonly hasSteadyClock: boolean;

  constructor(
    policy: ModelPolicy,
    time: Readonly<{ wall: number; steady: number }>,
    hasSteadyClock: boolean,
  ) {
    this.policy = policy;
    this.time = time;
    this.hasSteadyClock = hasSteadyClock;
    // Without a steady clock the first reading is that of the first call.
    if (hasSteadyClock) this.reading();
  }

  // Clocks: a wall clock that steps back, or leaves the steady clock behind, is not trusted.

  private reading(): { now: number; trusted: boolean } {
    const { wall, steady } = this.time;
    const skew = this.policy.maxClockJumpMs;
    const { time, anchor } = this.clock ?? { time: wall, anchor: null };
    if (wall < time - skew) return { now: time, trusted: false };
    if (!this.hasSteadyClock || anchor === null || steady < anchor.steady) {
      this.clock = { time: Math.max(time, wall), anchor: this.here() };
      return { now: wall, trusted: true };
    }
    const passed = steady - anchor.steady;
    const off = wall - (anchor.wall + passed);
    const drift = passed * 500e-6;
    if (wall > anchor.wall + passed + drift + skew) {
      const guess = Math.max(time, Math.floor(anchor.wall + passed));
      this.clock = { time: guess, anchor };
      return { now: guess, trusted: false };
    }
    const followed = anchor.wall + passed + Math.min(drift, Math.max(-drift, off));
    const next = off < -skew ? this.here() : { wall: followed, steady };
    this.clock = { time: Math.max(time, wall), anchor: next };
    return { now: wall, trusted: true };
  }

  private here(): { wall: number; steady: number } | null {
    return this.hasSteadyClock ? { ...this.time } : null;
  }

  /** The wall clock is right: what lies in the future of it happened now. */
  acceptClock(): void {
    const now = this.time.wall;
    this.reading();
    this.clock = { time: now, anchor: this.here() };
    for (const [scope, at] of this.lastTime) this.lastTime.set(scope, Math.min(at, now));
    for (const entry of this.entries) {
      if (entry.allowedAt !== null && entry.allowedAt > now) {
        entry.standing = null;
        entry.allowedAt = now;
      }
      entry.countedAt = Math.min(entry.countedAt, now);
    }
    this.attempts = this.attempts.map(({ scope, at }) => ({ scope, at: Math.min(at, now) }));
  }

  // Scopes: a wallet is always locked, account and global where they have limits.

  private limitsOf(type: ScopeType): ModelLimits | null {
    const { plain, further } = this.policy;
    const own = further[type];
    if (type !== "wallet") return own;
    if (own === null) return plain;
    return {
      maxPerTx: plain.maxPerTx ?? own.maxPerTx,
      max24h: plain.max24h ?? own.max24h,
      windows: [...plain.windows, ...own.windows],
      cooldownSeconds: Math.max(plain.cooldownSeconds, own.cooldownSeconds),
    };
  }

  private isLocked(scope: string): boolean {
    return this.limitsOf(typeOf(scope)) !== null;
  }

  /** Time never runs back for a scope that is locked. */
  private timeOf(scopes: readonly string[], now: number): number {
    const last = scopes.filter((s) => this.isLocked(s)).map((s) => this.lastTime.get(s) ?? 0);
    return Math.max(now, ...last);
  }

  private remember(scopes: readonly string[], now: number): void {
    for (const scope of scopes) if (this.isLocked(scope)) this.lastTime.set(scope, now);
  }

  // The decision.

  evaluate(ask: Ask): Expected {
    const { now: told, trusted } = this.reading();
    const needsAccount = this.policy.further.account !== null;
    const isMalformed = ask.units <= 0 || (needsAccount && ask.account === null);
    const faults = [
      ...(isMalformed ? ["invalid_withdrawal"] : []),
      ...(RISKS.includes(ask.risk) ? [] : ["invalid_risk"]),
      ...(trusted ? [] : ["clock_untrusted"]),
    ];
    if (faults.length === 1 && !trusted) return this.untrusted(ask, told);
    if (faults.length > 0) {
      return lastWord(ask, { decision: "REJECT", codes: faults, final: false, at: told });
    }
    const scopes = scopesOf(ask);
    if (this.latestOf(scopes) > told + this.policy.maxClockJumpMs) return this.untrusted(ask, told);
    const now = this.timeOf(scopes, told);
    const earlier = this.entries.find((entry) => entry.ask.id === ask.id);
    const isRefusedId =
      earlier !== undefined && (!isSame(earlier.ask, ask) || earlier.status === "committed");
    if (earlier !== undefined && !isRefusedId) {
      const again = this.standing(ask, earlier, told);
      if (again !== null) return this.again(ask, earlier, { answer: again, now, told });
    }
    const ruled = this.decide(ask, { now, told }, isRefusedId ? earlier : undefined);
    const said = lastWord(ask, ruled);
    this.remember(scopes, now);
    if (!isRefusedId) this.store(ask, said, ruled.decision);
    return withValidity(said, told);
  }

  private untrusted(ask: Ask, at: number): Expected {
    const codes = ["clock_untrusted"];
    return lastWord(ask, { decision: "REJECT", codes, final: false, at, retryAfter: 5_000 });
  }

  /** Latest time of anything that is known of the locked scopes. */
  private latestOf(scopes: readonly string[]): number {
    const locked = scopes.filter((scope) => this.isLocked(scope));
    const known = this.entries.filter(({ ask }) =>
      scopesOf(ask).some((scope) => locked.includes(scope)),
    );
    const times = known.map(({ countedAt, allowedAt }) => Math.max(countedAt, allowedAt ?? 0));
    return Math.max(0, ...times, ...locked.map((scope) => this.lastTime.get(scope) ?? 0));
  }

  /** After ALLOW the same answer while it is valid, nothing is frozen and risk is no higher. */
  private standing(ask: Ask, entry: Entry, told: number): Standing | null {
    const { allowValidSeconds, maxClockJumpMs } = this.policy;
    const answer = entry.status === "reserved" ? entry.standing : null;
    const until = answer?.said.validUntil;
    if (answer === null || until === undefined || told >= until) return null;
    if (until - told > allowValidSeconds * 1_000 + maxClockJumpMs) return null;
    if (this.freezes.some(({ scope }) => scopesOf(ask).includes(scope))) return null;
    if (RISKS.indexOf(ask.risk) > RISKS.indexOf(answer.risk)) return null;
    return answer;
  }

  /** The same answer again, if the finalize hook still agrees; else it is in force no more. */
  private again(
    ask: Ask,
    entry: Entry,
    { answer, now, told }: Readonly<{ answer: Standing; now: number; told: number }>,
  ): Expected {
    const said = lastWord(ask, answer.said);
    if (ask.finalize !== "none") this.remember(scopesOf(ask), now);
    if (!said.final) entry.standing = null;
    return said.final ? { ...withValidity(said, told), repeated: true } : said;
  }

  private decide(
    ask: Ask,
    { now, told }: Readonly<{ now: number; told: number }>,
    refused: Entry | undefined,
  ): Expected {
    const scopes = scopesOf(ask);
    // LOW lifts first.
    if (ask.risk === "LOW") {
      const lifted: readonly Kind[] = LIFTED_AT_LOW[this.policy.releaseFreezeAtLow];
      this.freezes = this.freezes.filter(
        ({ scope, kind }) => !(scopes.includes(scope) && lifted.includes(kind)),
      );
    }
    const first = this.findings(ask, ask.units, now, refused);
    const wasFrozen = scopes.filter((scope) => this.isFrozen(scope));
    const isFrozenNow = (scope: string) =>
      wasFrozen.includes(scope) || first.some(({ freezes }) => freezes === scope);
    const frozen = scopes.filter(isFrozenNow);
    // A new freeze begins a new series of attempts.
    this.attempts = this.attempts.filter(
      ({ scope }) => !frozen.includes(scope) || wasFrozen.includes(scope),
    );
    const findings = [...first, ...this.persistence(ask, first, frozen, now)];
    const decision = worst(findings);
    if (isAttempt(decision)) for (const scope of frozen) this.attempts.push({ scope, at: now });
    const news = this.freeze(findings, ask);
    const codes = unique(findings.map(({ code }) => code));
    return {
      decision,
      codes: codes.length === 0 ? ["within_limits"] : codes,
      final: decision === "ALLOW",
      at: now,
      ...this.hints(ask, { now, findings, refused }),
      ...(decision === "ALLOW" ? { validUntil: told + this.policy.allowValidSeconds * 1_000 } : {}),
      ...(news.length === 0 ? {} : { newlyFrozen: news }),
      ...(refused !== undefined && isSame(refused.ask, ask) ? { txid: refused.txid ?? "" } : {}),
    };
  }

  private hints(
    ask: Ask,
    { now, findings, refused }: { now: number; findings: Finding[]; refused: Entry | undefined },
  ): { retryAfter?: number; allowedNow?: number } {
    if (refused !== undefined) return {};
    // What this request froze, it froze for any amount.
    if (findings.some(({ freezes }) => freezes !== undefined)) return { allowedNow: 0 };
    const largest = this.largest(ask, now);
    const retry = worst(findings) === "ALLOW" ? null : this.firstPass(ask, now);
    return {
      ...(retry === null ? {} : { retryAfter: retry - now }),
      ...(largest === null ? {} : { allowedNow: largest }),
    };
  }

  /** The largest amount that would pass; null: any would. Tried out, by halves. */
  private largest(ask: Ask, now: number): number | null {
    const passes = (units: number) => worst(this.findings(ask, units, now)) === "ALLOW";
    if (passes(PLENTY)) return null;
    let [good, bad] = [0, PLENTY];
    while (bad - good > 1) {
      const middle = Math.floor((good + bad) / 2);
      if (passes(middle)) good = middle;
      else bad = middle;
    }
    return good;
  }

  /** The first moment from now on at which the request would pass if nothing else happened. */
  private firstPass(ask: Ask, now: number): number | null {
    const spans = SCOPES.flatMap((type) => {
      const limits = this.limitsOf(type);
      return limits === null
        ? []
        : [...windowsOf(limits).map(({ seconds }) => seconds), limits.cooldownSeconds];
    });
    const moments = this.entries.flatMap(({ countedAt, allowedAt }) =>
      spans.flatMap((seconds) =>
        [countedAt, allowedAt ?? countedAt].map((at) => at + seconds * 1_000),
      ),
    );
    const later = moments.filter((at) => at > now).sort((a, b) => a - b);
    return later.find((at) => worst(this.findings(ask, ask.units, at)) === "ALLOW") ?? null;
  }

  /** Every rule but persistent attempts, in the order in which they report. */
  private findings(ask: Ask, units: number, now: number, refused?: Entry): Finding[] {
    const { policy } = this;
    const { risk } = ask;
    const wallet = `wallet:${ask.wallet}`;
    const found: Finding[] = [];
    if (refused !== undefined) {
      const code = isSame(refused.ask, ask) ? "already_committed" : "content_changed";
      found.push({ code, verdict: "REJECT" });
    }
    const { allowDestinations: allowed, denyDestinations: denied } = policy;
    const to = ask.destination;
    const isDenied = to !== null && denied.includes(to);
    const isUnlisted = allowed !== null && (to === null || !allowed.includes(to));
    if (isDenied || isUnlisted) found.push({ code: "destination_denied", verdict: "REJECT" });
    if (scopesOf(ask).some((scope) => this.isFrozen(scope))) {
      const code = risk === "HIGH" ? "high_risk_lockdown" : "wallet_frozen";
      found.push({ code, verdict: this.row("wallet_frozen", risk) });
    }
    if (risk === "HIGH" && policy.highRiskFreeze) {
      found.push({ code: "high_risk_freeze", verdict: "FREEZE", freezes: wallet, kind: "risk" });
    }
    const always = this.row("within_limits", risk);
    if (always !== "ALLOW") {
      const freezes = always === "FREEZE" ? ({ freezes: wallet, kind: "risk" } as const) : {};
      found.push({ code: "elevated_risk", verdict: always, ...freezes });
    }
    return refused === undefined ? [...found, ...this.limitFindings(ask, units, now)] : found;
  }

  private limitFindings(ask: Ask, units: number, now: number): Finding[] {
    const { risk } = ask;
    const limited = scopesOf(ask).flatMap((scope) => {
      const limits = this.limitsOf(typeOf(scope));
      return limits === null ? [] : [{ scope, limits }];
    });
    const breach = (code: string, scope: string, floor: Verdict = "ALLOW"): Finding => {
      const verdict = this.row(code, risk);
      const freezes = verdict === "FREEZE" ? ({ freezes: scope, kind: "limit" } as const) : {};
      return { code, verdict: worseOf(verdict, floor), ...freezes };
    };
    const found: Finding[] = [];
    for (const { scope, limits } of limited) {
      if (limits.maxPerTx !== null && units > limits.maxPerTx) {
        found.push(breach("per_tx_limit", scope));
      }
    }
    for (const { scope, limits } of limited) {
      for (const { code, seconds, maxAmount, maxCount } of windowsOf(limits)) {
        const counted = this.others(ask, scope).filter(
          (entry) =>
            (entry.counts === "allowed" || (entry.counts === "asked" && risk !== "LOW")) &&
            now - entry.countedAt < seconds * 1_000,
        );
        const sum = counted.reduce((total, entry) => total + entry.ask.units, 0);
        if (maxAmount !== null && units > maxAmount) found.push(breach(code, scope, "REJECT"));
        else if (
          (maxAmount !== null && sum + units > maxAmount) ||
          (maxCount !== null && counted.length + 1 > maxCount)
        ) {
          found.push(breach(code, scope));
        }
      }
    }
    for (const { scope, limits } of limited) {
      const allowedAt = this.others(ask, scope).flatMap((entry) => entry.allowedAt ?? []);
      if (allowedAt.some((at) => now - at < limits.cooldownSeconds * 1_000)) {
        found.push({ code: "cooldown_breach", verdict: this.row("cooldown_breach", risk) });
      }
    }
    return found;
  }

  /** The third FREEZE or REJECT of a frozen scope, the freezing one counted. */
  private persistence(
    ask: Ask,
    first: readonly Finding[],
    frozen: readonly string[],
    now: number,
  ): Finding[] {
    if (!isAttempt(worst(first))) return [];
    const { count, seconds } = this.policy.attempts;
    const isPersistent = frozen.some((scope) => {
      const recent = this.attempts.filter((a) => a.scope === scope && now - a.at < seconds * 1_000);
      return recent.length + 1 >= count;
    });
    const code = "frozen_persistent_attempts";
    return isPersistent ? [{ code, verdict: this.row(code, ask.risk) }] : [];
  }

  private freeze(findings: readonly Finding[], ask: Ask): string[] {
    const before = [...this.freezes];
    for (const { freezes: scope, kind } of findings) {
      if (scope === undefined || kind === undefined) continue;
      this.addFreeze({ scope, kind, cause: kind === "risk" ? "risk" : `breach:${ask.id}` });
    }
    const had = (scope: string, kind: Kind) =>
      before.some((freeze) => freeze.scope === scope && freeze.kind === kind);
    const news = findings.flatMap(({ freezes: scope, kind }) =>
      scope !== undefined && kind !== undefined && !had(scope, kind) ? [scope] : [],
    );
    return unique(news);
  }

  private addFreeze(freeze: Freeze): void {
    const isThere = this.freezes.some(
      ({ scope, kind, cause }) =>
        scope === freeze.scope && kind === freeze.kind && cause === freeze.cause,
    );
    if (!isThere) this.freezes.push(freeze);
  }

  /** Only a final ALLOW reserves; what the Guardian delays is remembered as asked for. */
  private store(ask: Ask, said: Expected, ruled: Verdict): void {
    const now = said.at;
    let entry = this.entries.find((other) => other.ask.id === ask.id);
    if (entry === undefined) {
      const nothing = { counts: "nothing", countedAt: 0, allowedAt: null } as const;
      entry = { ask, status: "open", ...nothing, txid: null, standing: null };
      this.entries.push(entry);
    }
    entry.standing = null;
    if (said.final) {
      entry.standing = { said, risk: ask.risk };
      entry.status = "reserved";
      entry.counts = "allowed";
      entry.countedAt = now;
      entry.allowedAt = now;
      return;
    }
    if (ruled === "DELAY" && entry.status !== "reserved") {
      entry.counts = "asked";
      entry.countedAt = now;
    }
  }

  private others(ask: Ask, scope: string): Entry[] {
    return this.entries.filter(
      (entry) => entry.ask.id !== ask.id && scopesOf(entry.ask).includes(scope),
    );
  }

  private isFrozen(scope: string): boolean {
    return this.freezes.some((freeze) => freeze.scope === scope);
  }

  private row(finding: string, risk: Risk): Verdict {
    const row = this.policy.table[finding];
    if (row === undefined) throw new Error(`no row ${finding}`);
    return row[risk];
  }

  // What becomes of a reservation.

  commit(id: string, txid: string): string {
    this.reading();
    const entry = this.entries.find(({ ask }) => ask.id === id);
    if (entry === undefined) return "refused unknown_withdrawal";
    const { now, clock, trusted } = this.settleTime(scopesOf(entry.ask));
    if (entry.status === "committed") {
      return entry.txid === txid ? "accepted" : "refused txid_conflict";
    }
    const until = entry.status === "reserved" ? entry.standing?.said.validUntil : undefined;
    const late = until === undefined || clock >= until;
    if (late) entry.countedAt = now;
    entry.counts = "allowed";
    entry.status = "committed";
    entry.txid = txid;
    entry.standing = null;
    if (trusted) this.remember(scopesOf(entry.ask), now);
    return late ? "accepted late_commit" : "accepted";
  }

  replace(id: string, txid: string): string {
    this.reading();
    const entry = this.entries.find(({ ask }) => ask.id === id);
    if (entry === undefined) return "refused unknown_withdrawal";
    if (entry.status !== "committed") return "refused not_committed";
    if (entry.txid === txid) return "accepted";
    const { now, trusted } = this.settleTime(scopesOf(entry.ask));
    if (trusted) this.remember(scopesOf(entry.ask), now);
    entry.txid = txid;
    return "accepted";
  }

  release(id: string): string {
    this.reading();
    const entry = this.entries.find(({ ask }) => ask.id === id);
    if (entry === undefined) return "refused unknown_withdrawal";
    if (entry.status === "released") return "accepted";
    if (entry.status === "committed") return "refused already_committed";
    if (entry.status === "open") return "refused not_reserved";
    const { now, trusted } = this.settleTime(scopesOf(entry.ask));
    if (trusted) this.remember(scopesOf(entry.ask), now);
    entry.status = "released";
    entry.counts = "nothing";
    entry.standing = null;
    return "accepted";
  }

  /** What is settled is recorded whatever the clock is worth, at a time that makes nothing milder. */
  private settleTime(scopes: readonly string[]): { now: number; clock: number; trusted: boolean } {
    const { now: told, trusted } = this.reading();
    const now = Math.max(told, this.latestOf(scopes));
    const isTrusted = trusted && now <= told + this.policy.maxClockJumpMs;
    return { now, clock: isTrusted ? told : now, trusted: isTrusted };
  }

  /** An operator's freeze; each moment is a cause of its own. */
  freezeScope(scope: string): string {
    const { now, trusted } = this.settleTime([scope]);
    if (!this.isFrozen(scope)) this.attempts = this.attempts.filter((a) => a.scope !== scope);
    const cause = `operator:${scope}:${now}`;
    this.addFreeze({ scope, kind: "operator", cause });
    if (trusted) this.remember([scope], now);
    return cause;
  }

  unfreezeScope(scope: string): string {
    const { now, trusted } = this.settleTime([scope]);
    if (!this.isFrozen(scope)) return "refused not_frozen";
    if (trusted) this.remember([scope], now);
    this.freezes = this.freezes.filter((freeze) => freeze.scope !== scope);
    return "accepted";
  }

  unfreezeCause(cause: string): string {
    this.reading();
    if (this.freezes.every((freeze) => freeze.cause !== cause)) return "refused not_frozen";
    this.freezes = this.freezes.filter((freeze) => freeze.cause !== cause);
    return "accepted";
  }
}

const SCOPES: readonly ScopeType[] = ["account", "wallet", "global"];

const scopesOf = ({ wallet, account }: Pick<Ask, "wallet" | "account">): string[] => [
  ...(account === null ? [] : [`account:${account}`]),
  `wallet:${wallet}`,
  "global",
];

const typeOf = (scope: string): ScopeType =>
  SCOPES.find((type) => scope === type || scope.startsWith(`${type}:`)) ?? "global";

/** The rolling windows of a scope, the day first. */
const windowsOf = ({ max24h, windows }: ModelLimits) => [
  ...(max24h === null
    ? []
    : [{ code: "daily_limit", seconds: DAY, maxAmount: max24h, maxCount: null }]),
  ...windows.map((window) => ({ code: "window_limit", ...window })),
];

const isSame = (a: Ask, b: Ask): boolean =>
  a.wallet === b.wallet &&
  a.account === b.account &&
  a.units === b.units &&
  a.destination === b.destination;

/** A final ALLOW says how long it is still valid. */
const withValidity = (said: Expected, told: number): Expected =>
  said.final && said.validUntil !== undefined
    ? { ...said, validFor: said.validUntil - told }
    : said;

/** The caller's last word, which cannot turn a refusal into an ALLOW. */
function lastWord(ask: Ask, ruled: Expected): Expected {
  if (ask.finalize === "refuse") return { ...ruled, final: false };
  if (ask.finalize !== "throw") return ruled;
  const codes = [...ruled.codes.filter((code) => code !== "within_limits"), "finalize_failed"];
  const { at, txid, newlyFrozen } = ruled;
  return {
    decision: "REJECT",
    codes,
    final: false,
    at,
    ...(txid === undefined ? {} : { txid }),
    ...(newlyFrozen === undefined ? {} : { newlyFrozen }),
  };
}

const isAttempt = (verdict: Verdict): boolean => verdict === "FREEZE" || verdict === "REJECT";

const worseOf = (a: Verdict, b: Verdict): Verdict => (ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b);

const worst = (findings: readonly Finding[]): Verdict =>
  findings.reduce<Verdict>((verdict, finding) => worseOf(verdict, finding.verdict), "ALLOW");

const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];
