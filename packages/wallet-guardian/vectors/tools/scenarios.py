"""The scenarios of docs/scenarios.md, in its order and with its arithmetic."""

from cases import DAY, HOUR, MINUTE, OTHER_TXID, SECOND, TXID, Suite, act, ask

suite = Suite("guardian-scenarios", "design, section 7; Wallet Guardian v2, sections 6 and 9")
SIM = {"max_per_tx": "5000", "max_24h": "10000", "cooldown_seconds": 600}

suite.add("GW-SIM-001", "Wallet Guardian v2, section 6", "one wallet, five withdrawals, rising risk", SIM, [
    ask(0, "w-0", "3000"), ask(3 * MINUTE, "w-3", "4000"), ask(8 * MINUTE, "w-8", "5000", "MEDIUM"),
    ask(15 * MINUTE, "w-15", "2500", "HIGH"), ask(25 * MINUTE, "w-25", "1000", "HIGH"),
], ["ALLOW", "DELAY cooldown_breach", "FREEZE daily_limit cooldown_breach", "REJECT high_risk_lockdown high_risk_freeze", "REJECT high_risk_lockdown high_risk_freeze frozen_persistent_attempts"])

suite.add("GW-SIM-002", "Wallet Guardian v2, section 9: multi-wallet", "many wallets at once drain one site",
    {"max_24h": "1000", "limits": {"global": {"max_24h": "3500"}}},
    [ask(n * SECOND, f"w-{n}", "1000", wallet_id=f"hot-{n}") for n in range(4)]
    + [ask(4 * SECOND, "w-4", "500", wallet_id="hot-4"), ask(5 * SECOND, "w-5", "0.00000001", wallet_id="hot-5"), ask(DAY, "w-5", "0.00000001", wallet_id="hot-5")],
    ["ALLOW", "ALLOW", "ALLOW", "DELAY daily_limit", "ALLOW", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-003", "Wallet Guardian v2, section 9: burst patterns", "a burst within one second",
    {"max_per_tx": "100", "max_24h": "1000", "windows": [{"seconds": 60, "max_count": 3}]},
    [ask(n * 100, f"w-{n}", "10") for n in range(6)]
    + [ask(MINUTE - 1, "w-3", "10"), ask(MINUTE, "w-3", "10"), ask(MINUTE, "w-4", "10"), ask(MINUTE + 100, "w-4", "10")],
    ["ALLOW", "ALLOW", "ALLOW", "DELAY window_limit", "DELAY window_limit", "DELAY window_limit", "DELAY window_limit", "ALLOW", "DELAY window_limit", "ALLOW"])

suite.add("GW-SIM-004", "Wallet Guardian v2, section 3.2: rolling windows", "salami slices, each as soon as the cooldown lets it", SIM,
    [ask(n * 600 * SECOND, f"w-{n}", "2499.99999999") for n in range(5)]
    + [ask(4 * 600 * SECOND, "w-rest", "0.00000004", "LOW"), ask(DAY - 1, "w-4", "2499.99999999"), ask(DAY, "w-4", "2499.99999999")],
    ["ALLOW", "ALLOW", "ALLOW", "ALLOW", "DELAY daily_limit", "ALLOW", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-005", "Wallet Guardian v2, section 9: coordinated attacks", "accounts of one wallet withdraw together",
    {"max_24h": "1000", "limits": {"account": {"max_24h": "400"}}},
    [ask(0, "a-1", "400", account_id="a"), ask(1, "a-2", "1", account_id="a"), ask(2, "b-1", "400", account_id="b"),
     ask(3, "c-1", "400", account_id="c"), ask(4, "c-2", "200", account_id="c"), ask(5, "d-1", "100", "MEDIUM", account_id="d"),
     ask(6, "e-1", "1", account_id="e")],
    ["ALLOW", "DELAY daily_limit", "ALLOW", "DELAY daily_limit", "ALLOW", "FREEZE daily_limit", "REJECT wallet_frozen daily_limit"])

suite.add("GW-SIM-006", "design, section 7: a clock that steps back opens nothing", "the wall clock is set back two days", SIM,
    [ask(0, "w-1", "5000"), ask(600 * SECOND, "w-2", "5000"), ask(-2 * DAY, "w-3", "1"), ask(-2 * DAY, "w-1", "5000", finalize="allow"),
     ask(595 * SECOND - 1, "w-3", "1"), ask(595 * SECOND, "w-3", "1"), ask(600 * SECOND + 1, "w-3", "1"), ask(DAY, "w-3", "1"), ask(DAY, "w-4", "5000"), ask(DAY - 1, "w-1", "5000")],
    ["ALLOW", "ALLOW", "REJECT clock_untrusted", "REJECT clock_untrusted", "REJECT clock_untrusted", "DELAY daily_limit cooldown_breach", "DELAY daily_limit cooldown_breach", "ALLOW", "DELAY daily_limit cooldown_breach", "DELAY daily_limit cooldown_breach"])

suite.add("GW-SIM-007", "design, section 7: a clock that jumps ahead opens nothing either", "the wall clock jumps a day ahead",
    {"max_24h": "10000"},
    [ask(0, "w-1", "10000", steady=0), ask(5_000, "w-2", "1", steady=0), ask(5_001, "w-2", "1", steady=0), ask(DAY, "w-2", "1", steady=0),
     ask(60 * SECOND, "w-2", "1", steady=60_000), ask(DAY, "w-2", "1", steady=61_000),
     act(DAY, "accept_clock", True, steady_ms=61_000), ask(DAY + 1, "w-2", "1", steady=61_001)],
    ["ALLOW", "DELAY daily_limit", "REJECT clock_untrusted", "REJECT clock_untrusted", "DELAY daily_limit", "REJECT clock_untrusted", "accepted", "ALLOW"], monotonic=True)

YEAR_END = 1_798_761_600_000 - 1_782_664_805_000  # 2027-01-01T00:00:00Z
suite.add("GW-SIM-008", "design, section 7: windows are exact sliding windows", "New Year: the day does not begin anew", SIM,
    [ask(YEAR_END - 1, "w-1", "5000"), ask(YEAR_END + 599_999, "w-2", "5000"), ask(YEAR_END + 600_000, "w-3", "5000"), ask(YEAR_END + HOUR, "w-4", "1"),
     ask(YEAR_END + DAY - 2, "w-4", "1"), ask(YEAR_END + DAY - 1, "w-4", "1")],
    ["ALLOW", "ALLOW", "DELAY daily_limit cooldown_breach", "DELAY daily_limit", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-009", "design, section 7: all rules for repeated ids", "ids replayed and altered", SIM,
    [ask(0, "w-1", "3000"), ask(1, "w-1", "3000"), ask(2, "w-1", "3000.00"), ask(3, "w-1", "3001"), ask(4, "w-1", "3000", wallet_id="hot-2"),
     ask(5, "w-1", "3000", destinations=[{"address": "dgb1qthief", "amount": "3000"}]), act(6, "commit", "w-1", txid=TXID), ask(7, "w-1", "3000"),
     act(8, "commit", "w-1", txid=TXID), act(9, "commit", "w-1", txid=OTHER_TXID), act(10, "replace", "w-1", txid=OTHER_TXID), ask(11, "w-1", "3000"),
     ask(12, "w-1", "3000", "HIGH"), ask(13, "w-1", "2999", "MEDIUM"), ask(14, "w-1", "2999", "MEDIUM")],
    ["ALLOW", "ALLOW", "ALLOW", "REJECT content_changed", "REJECT content_changed", "REJECT content_changed", "accepted", "REJECT already_committed",
     "accepted", "refused txid_conflict", "accepted", "REJECT already_committed", "REJECT already_committed high_risk_freeze",
     "REJECT content_changed wallet_frozen", "REJECT content_changed wallet_frozen frozen_persistent_attempts"])

suite.add("GW-SIM-010", "design, section 7: validity of an ALLOW", "an ALLOW expires, and counts all the same", SIM,
    [ask(0, "w-1", "5000"), ask(59_999, "w-1", "5000"), ask(60_000, "w-1", "5000"), ask(120_000, "w-2", "5000"), ask(660_000, "w-2", "5000"), ask(2 * HOUR, "w-3", "0.00000001"), ask(DAY + 60_000, "w-3", "0.00000001")],
    ["ALLOW", "ALLOW", "ALLOW", "DELAY cooldown_breach", "ALLOW", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-011", "design, section 7: release and late commit", "released, then paid all the same", SIM,
    [ask(0, "w-1", "5000"), act(30 * SECOND, "release", "w-1"), ask(10 * MINUTE, "w-2", "5000"), ask(20 * MINUTE, "w-3", "5000"), act(30 * MINUTE, "release", "w-3"),
     act(HOUR, "commit", "w-1", txid=TXID), act(HOUR, "release", "w-1"), ask(2 * HOUR, "w-4", "1"), ask(DAY + 10 * MINUTE - 1, "w-4", "1"), ask(DAY + 10 * MINUTE, "w-4", "5000"), ask(DAY + 10 * MINUTE, "w-5", "5000", finalize="refuse"), ask(DAY + HOUR, "w-5", "5000"), act(DAY + HOUR, "commit", "w-9", txid=TXID)],
    ["ALLOW", "accepted", "ALLOW", "ALLOW", "accepted", "accepted late_commit", "refused already_committed", "DELAY daily_limit", "DELAY daily_limit", "REJECT content_changed", "ALLOW (not final)", "ALLOW", "refused unknown_withdrawal"])

suite.add("GW-SIM-012", "design, section 7: an operator accepts the clock", "the clock was 8 hours ahead when the service started", SIM,
    [ask(8 * HOUR, "w-1", "5000"), act(8 * HOUR, "freeze", {"scope": "account", "id": "a"}), ask(0, "w-1", "5000"), ask(0, "w-2", "5000", wallet_id="hot-2"), act(0, "accept_clock", True), ask(1, "w-2", "5000"),
     act(2, "commit", "w-1", txid=TXID), ask(600 * SECOND - 1, "w-2", "5000"), ask(600 * SECOND, "w-2", "5000"), ask(20 * MINUTE, "w-3", "1"), ask(DAY, "w-3", "1"), ask(DAY + 2, "w-3", "1")],
    ["ALLOW", "accepted", "REJECT clock_untrusted", "REJECT clock_untrusted", "accepted", "DELAY cooldown_breach",
     "accepted late_commit", "DELAY cooldown_breach", "ALLOW", "DELAY daily_limit", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-013", "design, section 7: a repeated ALLOW asks the finalize hook again", "the evidence gets worse while an ALLOW is valid", SIM,
    [ask(0, "w-1", "5000", finalize="allow"), ask(1_000, "w-1", "5000", finalize="allow"), ask(2_000, "w-1", "5000", finalize="refuse"), act(3_000, "commit", "w-1", txid=TXID),
     ask(600 * SECOND, "w-2", "5000", finalize="allow"), ask(601 * SECOND, "w-2", "5000", finalize="throw"), ask(602 * SECOND, "w-2", "5000"), ask(20 * MINUTE, "w-3", "1")],
    ["ALLOW", "ALLOW", "ALLOW (not final)", "accepted late_commit", "ALLOW", "REJECT finalize_failed", "ALLOW", "DELAY daily_limit cooldown_breach"])
