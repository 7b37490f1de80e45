/** Mutants of the engine and of the SQLite ledger: each removes one guarantee, and has to be caught. */

/** One mutant: a text of a source file and what takes its place. */
export type Mutant = Readonly<{
  name: string;
  /** Below `src`. */
  file: string;
  search: string;
  replace: string;
  /** Test files, below `test`, and cases of the matrix that are to catch it. */
  tests?: readonly string[];
  cases?: readonly string[];
}>;

const SIGNERS = "wandering, signers";
const AT_ONCE = "wandering, claims at once";
const SEVERAL = "wandering, several policies";

/** All mutants. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "a commit of SQLite is not synced",
    file: "adapters/sqlite/connection.ts",
    search: `db.exec("PRAGMA synchronous = FULL")`,
    replace: `db.exec("PRAGMA synchronous = OFF")`,
    tests: ["adapters/sqlite/durability.test.ts"],
    cases: ["power cut"],
  },
  {
    name: "an id may get another content",
    file: "evaluate/decide.ts",
    search: "row !== null && row.content_hash !== hash;",
    replace: "row !== null && row.content_hash !== hash && row.amount < 0n;",
    cases: [AT_ONCE],
  },
  {
    name: "what was paid is allowed again",
    file: "evaluate/decide.ts",
    search: `if (row.status === "committed") return`,
    replace: `if (row.status === "committed" && row.txid === "") return`,
    cases: [AT_ONCE],
  },
  {
    name: "a decision is not recorded",
    file: "evaluate/decide.ts",
    search: "records: recordsOf(decisionRecord(finalized, given.payment, text), events),",
    replace: "records: recordsOf(decisionRecord(finalized, given.payment, text), events).slice(1),",
    cases: [AT_ONCE],
  },
  {
    name: "what was only requested never counts",
    file: "evaluate/reads.ts",
    search: `risk.level !== "LOW" && countsRequested(`,
    replace: `risk.level === ("none" as never) && countsRequested(`,
    cases: [SIGNERS],
  },
  {
    name: "what was only requested counts at LOW",
    file: "evaluate/reads.ts",
    search: `risk.level !== "LOW" && countsRequested(`,
    replace: "countsRequested(",
    tests: ["adapters/vectors/index.test.ts"],
    cases: [AT_ONCE],
  },
  {
    name: "no cooldown is kept",
    file: "rules/evaluate-cooldown.ts",
    search: "now_ms - last_allow_ms < cooldown_ms)",
    replace: "now_ms - last_allow_ms < cooldown_ms - 1e15)",
    cases: [SEVERAL],
  },
  {
    name: "no destination is denied",
    file: "rules/evaluate-destinations.ts",
    search: "key !== null && (denied.has(key) ||",
    replace: `key !== null && ((denied.has(key) && key === "") ||`,
    tests: ["rules/destination-coverage.test.ts"],
    cases: [SEVERAL],
  },
  {
    name: "a frozen scope lets everything pass",
    file: "rules/evaluate-freeze.ts",
    search: "if (!frozen) return NO_FINDING;",
    replace: `if (!frozen || risk !== ("none" as never)) return NO_FINDING;`,
    cases: [SEVERAL],
  },
  {
    name: "a claim does not look at freezes",
    file: "claim/decide-claim.ts",
    search: "if (isFrozen(compiled.policy, snapshot))",
    replace: "if (snapshot.now_ms < 0 && isFrozen(compiled.policy, snapshot))",
    tests: ["claim/claims.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "a claim counts from its beginning",
    file: "claim/decide-claim.ts",
    search: "Math.max(before, claim.until_ms + max_clock_jump_ms)",
    replace: "Math.max(before, claim.at_ms)",
    tests: ["claim/claims.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "an ALLOW counts without the clocks' skew",
    file: "evaluate/decide.ts",
    search: "const counted_at_ms = until_ms + max_clock_jump_ms;",
    replace: "const counted_at_ms = until_ms + 0 * max_clock_jump_ms;",
    cases: [AT_ONCE],
  },
  {
    name: "a reservation does not count",
    file: "ledger/sums.ts",
    search: `case "reserved":`,
    replace: `case "reserved":\n      return null;\n    case "never" as never:`,
    tests: ["evaluate/reservations.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "a reservation counts for a window after its end",
    file: "ledger/sums.ts",
    search: `channel: "reserved",`,
    replace: `channel: "main",`,
    tests: ["evaluate/reservations.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "a lapsed reservation is claimed",
    file: "claim/decide-claim.ts",
    search: `return isReserved(payment, snapshot.now_ms) ? null : { code: "reservation_lapsed" };`,
    replace: `return isReserved(payment, snapshot.now_ms) ? null : null;`,
    tests: ["claim/claims.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "a later claim shares no input",
    file: "claim/decide-claim.ts",
    search: "if (!isReplacement) return",
    replace: "if (!isReplacement && claims.length === 0) return",
    tests: ["claim/claims.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "a commit shortens what counts",
    file: "operations/commit-release.ts",
    search: "isLate ? moment.now_ms : (countedUntil(payment) ?? moment.now_ms)",
    replace: "moment.now_ms",
    tests: ["operations/commits.test.ts"],
    cases: [AT_ONCE],
  },
  {
    name: "a second payment is not counted",
    file: "operations/commit-release.ts",
    search: `codes: ["double_payment"], rows: [...rows, ...more] }`,
    replace: `codes: ["double_payment"], rows: [...rows] }`,
    tests: ["operations/commits.test.ts"],
    cases: [AT_ONCE],
  },
  {
    name: "a claimed payment is released without a proof",
    file: "operations/commit-release.ts",
    search: "return claimedRejection(payment, by, now_ms);",
    replace: "return now_ms < 0 ? claimedRejection(payment, by, now_ms) : null;",
    tests: ["operations/releases.test.ts"],
    cases: [AT_ONCE],
  },
  {
    name: "a payout is in two payments",
    file: "evaluate/decide.ts",
    search: "row.payment_id !== payment_id && isHeld(row, snapshot.now_ms)",
    replace: "row.payment_id !== payment_id && isHeld(row, snapshot.now_ms) && row.amount < 0n",
    tests: ["evaluate/payments.test.ts"],
    cases: [SIGNERS],
  },
  {
    name: "a payout that moved meanwhile is settled alone",
    file: "operations/index.ts",
    search: "return gone === null ? step(",
    replace: "return gone === null || gone !== null ? step(",
    tests: ["operations/moved-meanwhile.test.ts"],
  },
  {
    name: "no account is frozen",
    file: "evaluate/apply-rules.ts",
    search: `type !== "account" && decision === "FREEZE"`,
    replace: `decision === "FREEZE"`,
    tests: ["evaluate/account-freezes.test.ts"],
    cases: [SEVERAL],
  },
  {
    name: "risk that was LOW before a freeze ends it",
    file: "evaluate/ended-freezes.ts",
    search: "low_since_ms > last_at_ms &&",
    replace: "",
    tests: ["evaluate/ended-freezes.test.ts"],
    cases: [AT_ONCE],
  },
  {
    name: "an outdated process goes on",
    file: "policy/gate.ts",
    search: `generation < own ? "current" : "outdated"`,
    replace: `"current"`,
    tests: ["policy/start.test.ts"],
    cases: ["a newer policy takes over"],
  },
  {
    name: "the witness is not looked at",
    file: "adapters/sqlite/witness.ts",
    search: "if (witness === null) return;",
    replace: "if (witness === null || witness.seq >= 0) return;",
    tests: ["adapters/sqlite/identity.test.ts"],
  },
  {
    name: "the file is not looked at after a commit",
    file: "adapters/sqlite/connection.ts",
    search: `const result = work(connection, memory);
        connection.guard?.check();`,
    replace: "const result = work(connection, memory);",
    tests: ["adapters/sqlite/identity.test.ts"],
  },
  {
    name: "no share of the fee is compared",
    file: "rules/evaluate-fee.ts",
    search: "maxFeeRatio !== null && paid > 0n &&",
    replace: "maxFeeRatio !== null && paid < 0n &&",
    tests: ["rules/destination-coverage.test.ts"],
  },
  {
    name: "no look-alike is found",
    file: "evaluate/track-destinations.ts",
    search: "(found?.has_lookalike ?? true) || all.some((other) => looksLike(other, sent));",
    replace: "found === undefined;",
    tests: ["rules/new-destinations.test.ts"],
  },
  {
    name: "events are not in the log",
    file: "records.ts",
    search: "events.length === 0\n",
    replace: "events.length >= 0\n",
    cases: [AT_ONCE],
  },
];
