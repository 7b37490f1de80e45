"""The scenarios of docs/scenarios.md, in its order and with its arithmetic."""

from shield_conformance.wallet_guardian.histories import (
    DAY,
    HOUR,
    MINUTE,
    OTHER_TXID,
    SECOND,
    THIRD_TXID,
    TXID,
    Suite,
    act,
    ask,
    claim,
    coin,
    pay,
    to,
)

suite = Suite("guardian-scenarios", "design, section 7; Wallet Guardian v2, sections 6 and 9")
# The last moment of signing after an ALLOW: a minute of validity, five seconds of skew.
LEFT = 65_000
SIM = {"max_per_tx": "5000", "max_24h": "10000", "cooldown_seconds": 600}

suite.add("GW-SIM-001", "Wallet Guardian v2, section 6", "one wallet, five withdrawals, rising risk", SIM, [
    ask(0, "w-0", "3000"), ask(3 * MINUTE, "w-3", "4000"), ask(8 * MINUTE, "w-8", "5000", "MEDIUM"),
    ask(15 * MINUTE, "w-15", "2500", "HIGH"), ask(25 * MINUTE, "w-25", "1000", "HIGH"),
], ["ALLOW", "DELAY cooldown_breach", "FREEZE daily_limit cooldown_breach", "REJECT high_risk_lockdown high_risk_freeze", "REJECT high_risk_lockdown high_risk_freeze frozen_persistent_attempts"])

suite.add("GW-SIM-002", "Wallet Guardian v2, section 9: multi-wallet", "many wallets at once drain one site",
    {"max_24h": "1000", "limits": {"global": {"max_24h": "3500"}}},
    [ask(n * SECOND, f"w-{n}", "1000", wallet_id=f"hot-{n}") for n in range(4)]
    + [ask(4 * SECOND, "w-4", "500", wallet_id="hot-4"), ask(5 * SECOND, "w-5", "0.00000001", wallet_id="hot-5"), ask(DAY + LEFT, "w-5", "0.00000001", wallet_id="hot-5")],
    ["ALLOW", "ALLOW", "ALLOW", "DELAY daily_limit", "ALLOW", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-003", "Wallet Guardian v2, section 9: burst patterns", "a burst within one second",
    {"max_per_tx": "100", "max_24h": "1000", "windows": [{"seconds": 60, "max_count": 3}]},
    [ask(n * 100, f"w-{n}", "10") for n in range(6)]
    + [ask(MINUTE + LEFT - 1, "w-3", "10"), ask(MINUTE + LEFT, "w-3", "10"), ask(MINUTE + LEFT, "w-4", "10"), ask(MINUTE + LEFT + 100, "w-4", "10")],
    ["ALLOW", "ALLOW", "ALLOW", "DELAY window_limit", "DELAY window_limit", "DELAY window_limit", "DELAY window_limit", "ALLOW", "DELAY window_limit", "ALLOW"])

suite.add("GW-SIM-004", "Wallet Guardian v2, section 3.2: rolling windows", "salami slices, each as soon as the cooldown lets it", SIM,
    [ask(n * 600 * SECOND, f"w-{n}", "2499.99999999") for n in range(5)]
    + [ask(4 * 600 * SECOND, "w-rest", "0.00000004", "LOW"), ask(DAY + LEFT - 1, "w-4", "2499.99999999"), ask(DAY + LEFT, "w-4", "2499.99999999")],
    ["ALLOW", "ALLOW", "ALLOW", "ALLOW", "DELAY daily_limit", "ALLOW", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-005", "Wallet Guardian v2, section 9: coordinated attacks", "accounts of one wallet withdraw together",
    {"max_24h": "1000", "limits": {"account": {"max_24h": "400"}}},
    [ask(0, "a-1", "400", account_id="a"), ask(1, "a-2", "1", account_id="a"), ask(2, "b-1", "400", account_id="b"),
     ask(3, "c-1", "400", account_id="c"), ask(4, "c-2", "200", account_id="c"), ask(5, "d-1", "100", "MEDIUM", account_id="d"),
     ask(6, "e-1", "1", account_id="e")],
    ["ALLOW", "DELAY daily_limit", "ALLOW", "DELAY daily_limit", "ALLOW", "FREEZE daily_limit", "REJECT wallet_frozen daily_limit"])

suite.add("GW-SIM-006", "design, section 7: a clock that steps back opens nothing", "the wall clock is set back two days", SIM,
    [ask(0, "w-1", "5000"), ask(600 * SECOND, "w-2", "5000"), ask(-2 * DAY, "w-3", "1"), ask(-2 * DAY, "w-1", "5000", finalize="allow"),
     ask(595 * SECOND - 1, "w-3", "1"), ask(595 * SECOND, "w-3", "1"), ask(600 * SECOND + 1, "w-3", "1"), ask(DAY + LEFT, "w-3", "1"), ask(DAY + LEFT, "w-4", "5000"), ask(DAY + LEFT - 1, "w-1", "5000")],
    ["ALLOW", "ALLOW", "REJECT clock_untrusted", "REJECT clock_untrusted", "REJECT clock_untrusted", "DELAY daily_limit cooldown_breach", "DELAY daily_limit cooldown_breach", "ALLOW", "DELAY daily_limit cooldown_breach", "REJECT claim_unsettled"])

suite.add("GW-SIM-007", "design, section 7: a clock that jumps ahead opens nothing either", "the wall clock jumps a day ahead",
    {"max_24h": "10000"},
    [ask(0, "w-1", "10000", steady=0), ask(5_000, "w-2", "1", steady=0), ask(5_001, "w-2", "1", steady=0), ask(DAY, "w-2", "1", steady=0),
     ask(60 * SECOND, "w-2", "1", steady=60_000), ask(DAY, "w-2", "1", steady=61_000),
     act(DAY, "accept_clock", True, steady_ms=61_000), ask(DAY + LEFT, "w-2", "1", steady=61_000 + LEFT)],
    ["ALLOW", "DELAY daily_limit", "REJECT clock_untrusted", "REJECT clock_untrusted", "DELAY daily_limit", "REJECT clock_untrusted", "accepted", "ALLOW"], monotonic=True)

YEAR_END = 1_798_761_600_000 - 1_782_664_805_000  # 2027-01-01T00:00:00Z
suite.add("GW-SIM-008", "design, section 7: windows are exact sliding windows", "New Year: the day does not begin anew", SIM,
    [ask(YEAR_END - 1, "w-1", "5000"), ask(YEAR_END + 599_999, "w-2", "5000"), ask(YEAR_END + 600_000, "w-3", "5000"), ask(YEAR_END + HOUR, "w-4", "1"),
     ask(YEAR_END + DAY + LEFT - 2, "w-4", "1"), ask(YEAR_END + DAY + LEFT - 1, "w-4", "1")],
    ["ALLOW", "ALLOW", "DELAY daily_limit cooldown_breach", "DELAY daily_limit", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-009", "design, section 7: all rules for repeated ids", "ids replayed and altered, paid twice", SIM,
    [ask(0, "w-1", "3000"), ask(1, "w-1", "3000"), ask(2, "w-1", "3000.00"), ask(3, "w-1", "3001"), ask(4, "w-1", "3000", wallet_id="hot-2"),
     ask(5, "w-1", "3000", destinations=to(("dgb1qthief", "3000"))), act(6, "commit", "w-1", txid=TXID, inputs=[coin(1)]), ask(7, "w-1", "3000"),
     act(8, "commit", "w-1", txid=TXID), act(9, "commit", "w-1", txid=OTHER_TXID, inputs=[coin(1), coin(2)]), act(10, "commit", "w-1", txid=THIRD_TXID, inputs=[coin(3)]),
     act(11, "commit", "w-1", txid=THIRD_TXID), ask(12, "w-1", "3000"), ask(13, "w-2", "4000.00000001", wallet_id="hot-1"),
     ask(14, "w-1", "3000", "HIGH"), ask(15, "w-1", "2999", "MEDIUM"), ask(16, "w-1", "2999", "MEDIUM")],
    ["ALLOW", "ALLOW", "ALLOW", "REJECT content_changed", "REJECT content_changed", "REJECT content_changed", "accepted", "REJECT already_committed",
     "accepted", "accepted replaced", "accepted double_payment", "accepted", "REJECT already_committed", "DELAY daily_limit cooldown_breach", "REJECT already_committed high_risk_freeze",
     "REJECT content_changed wallet_frozen", "REJECT content_changed wallet_frozen frozen_persistent_attempts"])

suite.add("GW-SIM-010", "design, section 7: a reservation lapses", "a reservation that nobody claims returns its room, and takes none again by asking", {**SIM, "claim": "explicit"},
    [ask(0, "w-1", "5000"), ask(59_999, "w-1", "5000"), claim(60_000, "w-1"), ask(60_000, "w-1", "5000"), ask(120_000, "w-1", "5000"), ask(660_000, "w-2", "5000"), claim(660_000, "w-2"),
     ask(1_260_000, "w-3", "5000"), ask(1_261_000, "w-4", "0.00000001"), ask(1_320_000, "w-4", "0.00000001"), ask(1_860_000, "w-4", "5000")],
    ["ALLOW", "ALLOW", "REJECT reservation_lapsed", "ALLOW", "DELAY reservation_lapsed", "ALLOW", "ALLOW",
     "ALLOW", "DELAY daily_limit cooldown_breach", "DELAY cooldown_breach", "REJECT content_changed"])

suite.add("GW-SIM-011", "design, section 7: release and late commit", "released, then paid all the same", SIM,
    [ask(0, "w-1", "5000"), act(30 * SECOND, "release", "w-1"), act(30 * SECOND, "release", "w-1", operator=True, not_executed=True), act(LEFT, "release", "w-1", operator=True, not_executed=True),
     ask(10 * MINUTE, "w-2", "5000"), ask(20 * MINUTE, "w-3", "5000"), act(30 * MINUTE, "release", "w-3", operator=True, not_executed=True),
     act(HOUR, "commit", "w-1", txid=TXID), act(HOUR, "release", "w-1"), ask(2 * HOUR, "w-4", "1"), ask(DAY + 10 * MINUTE + LEFT - 1, "w-4", "1"), ask(DAY + 10 * MINUTE + LEFT, "w-4", "5000"),
     ask(DAY + 10 * MINUTE + LEFT, "w-5", "5000", finalize="refuse"), ask(DAY + HOUR, "w-5", "5000"), act(DAY + HOUR, "commit", "w-9", txid=TXID)],
    ["ALLOW", "refused claimed", "refused claim_running", "accepted", "ALLOW", "ALLOW", "accepted", "accepted late_commit", "refused already_committed", "DELAY daily_limit", "DELAY daily_limit", "REJECT content_changed",
     "ALLOW (not final)", "ALLOW", "refused unknown_withdrawal"])

suite.add("GW-SIM-012", "design, section 7: an operator accepts the clock", "the clock was 8 hours ahead when the service started", SIM,
    [ask(8 * HOUR, "w-1", "5000"), act(8 * HOUR, "freeze", {"scope": "account", "id": "a"}), ask(0, "w-1", "5000"), ask(0, "w-2", "5000", wallet_id="hot-2"), act(0, "accept_clock", True), ask(1, "w-2", "5000"),
     act(2, "commit", "w-1", txid=TXID), ask(600 * SECOND - 1, "w-2", "5000"), ask(600 * SECOND, "w-2", "5000"), ask(20 * MINUTE, "w-3", "1"), ask(DAY + 600 * SECOND + LEFT - 1, "w-3", "1"), ask(DAY + 600 * SECOND + LEFT, "w-3", "1"), ask(DAY + 20 * MINUTE + LEFT, "w-4", "5000")],
    ["ALLOW", "accepted", "REJECT clock_untrusted", "REJECT clock_untrusted", "accepted", "DELAY cooldown_breach",
     "accepted", "DELAY cooldown_breach", "ALLOW", "DELAY daily_limit", "DELAY daily_limit", "ALLOW", "DELAY daily_limit"])

suite.add("GW-SIM-013", "design, section 7: a repeated ALLOW asks the finalize hook again", "the evidence gets worse while an ALLOW is valid", SIM,
    [ask(0, "w-1", "5000", finalize="allow"), ask(1_000, "w-1", "5000", finalize="allow"), ask(2_000, "w-1", "5000", finalize="refuse"), act(3_000, "commit", "w-1", txid=TXID),
     ask(600 * SECOND, "w-2", "5000", finalize="allow"), ask(601 * SECOND, "w-2", "5000", finalize="throw"), ask(602 * SECOND, "w-2", "5000"), ask(20 * MINUTE, "w-3", "1")],
    ["ALLOW", "ALLOW", "ALLOW (not final)", "accepted", "ALLOW", "REJECT finalize_failed", "REJECT claim_unsettled", "DELAY daily_limit"])

suite.add("GW-SIM-014", "design, section 7: claims", "two workers sign one payment, and one of them raises its fee", {"max_24h": "10000", "claim": "explicit", "allow_valid_seconds": 60},
    [ask(0, "w-1", "6000", max_fee="1"), claim(1_000, "w-1", "worker-1", [1]), claim(2_000, "w-1", "worker-2", [2]), claim(3_000, "w-1", "worker-1", [1]), claim(30_000, "w-1", "worker-1", [1, 2]),
     claim(31_000, "w-1", "worker-1", [3]), act(31_000, "release", "w-1", signer_id="worker-2", not_executed=True), claim(3 * HOUR, "w-1", "worker-2", [1, 2, 3]), act(3 * HOUR, "commit", "w-1", txid=TXID, fee="1.5", inputs=[coin(1), coin(2), coin(3)]),
     claim(4 * HOUR, "w-1", "worker-2", [1]), ask(DAY + 65_999, "w-2", "6000"), ask(DAY + 3 * HOUR + LEFT - 1, "w-2", "6000"), ask(DAY + 3 * HOUR + LEFT, "w-2", "6000")],
    ["ALLOW", "ALLOW", "DELAY claimed", "ALLOW", "ALLOW", "REJECT not_a_replacement", "refused claimed", "ALLOW", "accepted fee_exceeded",
     "REJECT already_committed", "DELAY daily_limit", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-015", "design, section 7: payments", "a payroll in one transaction", {"max_per_tx": "500", "max_24h": "1000", "cooldown_seconds": 600, "limits": {"account": {"max_24h": "400"}}, "claim": "explicit"},
    [pay(0, "p-1", [("w-1", "300", {"account_id": "a"}), ("w-2", "300", {"account_id": "b"}), ("w-3", "200", {"account_id": "a"})]),
     pay(1_000, "p-2", [("w-1", "300", {"account_id": "a"}), ("w-2", "300", {"account_id": "b"})]), ask(2_000, "w-1", "300", account_id="a"), ask(2_000, "w-3", "200", account_id="a"), claim(3_000, "p-2", inputs=[1]), claim(3_000, "w-1", inputs=[1]),
     act(4_000, "commit", "w-1", txid=TXID), act(4_000, "commit", "p-2", txid=TXID), ask(5_000, "w-1", "300", account_id="a"), pay(10 * MINUTE + 1_000, "p-3", [("w-4", "300", {"account_id": "b"}), ("w-5", "100", {"account_id": "c"})]),
     pay(10 * MINUTE + 1_000, "p-4", [("w-6", "100", {"account_id": "b"}), ("w-7", "300", {"account_id": "c"})])],
    ["REJECT daily_limit", "ALLOW", "REJECT in_other_payment", "DELAY daily_limit cooldown_breach", "ALLOW", "REJECT part_of_payment",
     "accepted", "accepted", "REJECT already_committed", "DELAY daily_limit", "ALLOW"])

suite.add("GW-SIM-016", "design, section 7: freezes of accounts", "one customer is over a limit, then five are", {"max_24h": "10000", "freeze_scope": "account", "limits": {"account": {"max_24h": "100"}}, "freeze_seconds": 3_600},
    [ask(n * SECOND, f"{a}-1", "100", account_id=a) for n, a in enumerate("abcde")]
    + [ask(10 * SECOND, "a-2", "1", "MEDIUM", account_id="a"), ask(11 * SECOND, "f-1", "1", "MEDIUM", account_id="f"), ask(12 * SECOND, "a-3", "1", account_id="a")]
    + [ask((20 + n) * SECOND, f"{a}-2", "1", "MEDIUM", account_id=a) for n, a in enumerate("bcde")]
    + [ask(30 * SECOND, "f-2", "1", account_id="f"), ask(3_623 * SECOND - 1, "f-2", "1", account_id="f"), ask(3_623 * SECOND, "f-2", "1", account_id="f")],
    ["ALLOW"] * 5 + ["FREEZE daily_limit", "ALLOW", "REJECT wallet_frozen daily_limit", "FREEZE daily_limit", "FREEZE daily_limit", "FREEZE daily_limit", "FREEZE daily_limit accounts_frozen",
     "REJECT wallet_frozen", "REJECT wallet_frozen", "ALLOW"])

KNOWN, ALIKE = "dgb1qw508d6qejxtdg4y5r3zarvary0c5xw7k3xh7qa", "dgb1qw508mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmh7qa"
suite.add("GW-SIM-017", "design, section 7: destinations", "an address that looks like the customer's own", {"max_24h": "10000", "destination_lookalikes": True, "new_destination_seconds": 600, "new_destination_free": "10"},
    [ask(0, "w-1", "10", account_id="a", destinations=to((KNOWN, "10"))), ask(1, "w-2", "1", account_id="a", destinations=to((KNOWN, "1"))), ask(600_000, "w-2", "1", account_id="a", destinations=to((KNOWN.upper(), "1"))), ask(600_000, "w-3", "1", account_id="a", destinations=to((KNOWN, "1"))),
     ask(600_000, "w-4", "5", account_id="a", destinations=to((ALIKE, "5"))), ask(2_000_000, "w-4", "5", account_id="a", destinations=to((ALIKE, "5"))), ask(2_000_000, "w-5", "5", account_id="b", destinations=to((ALIKE, "5"))),
     act(2_000_001, "approve_destination", {"account_id": "a", "address": ALIKE}), ask(2_000_002, "w-4", "5", account_id="a", destinations=to((ALIKE, "5")))],
    ["ALLOW", "DELAY new_destination", "REJECT content_changed", "ALLOW", "DELAY destination_lookalike", "DELAY destination_lookalike", "ALLOW", "accepted", "ALLOW"])

suite.add("GW-SIM-018", "design, section 7: an ALLOW that is a claim", "an ALLOW is never signed, and counts all the same", SIM,
    [ask(0, "w-1", "5000"), ask(59_999, "w-1", "5000"), ask(60_000, "w-1", "5000"), ask(10 * MINUTE, "w-2", "5000"), ask(2 * HOUR, "w-3", "0.00000001"), ask(DAY + LEFT - 1, "w-3", "0.00000001"), ask(DAY + LEFT, "w-3", "0.00000001")],
    ["ALLOW", "ALLOW", "REJECT claim_unsettled", "ALLOW", "DELAY daily_limit", "DELAY daily_limit", "ALLOW"])
