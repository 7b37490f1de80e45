"""Every boundary of section 7, one rule a case."""

from __future__ import annotations

from typing import Any

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.histories import DAY, MINUTE, SECOND, TXID, Suite, act, ask, low, operator_cause

suite = Suite("guardian-rules", "design, section 7")
RISKS = ["LOW", "MEDIUM", "HIGH"]
NO_FREEZE = {"high_risk_freeze": False}
# A withdrawal that is too large freezes at MEDIUM.
FREEZING = {"per_tx_limit": {"LOW": "REJECT", "MEDIUM": "FREEZE", "HIGH": "REJECT"}}


def table(finding: str, policy: Json, before: list[Json], request: str, result: list[str]) -> None:
    for risk, expected in zip(RISKS, result, strict=False):
        steps = [*before, ask(MINUTE, "w", request, risk)]
        others = ["ALLOW"] * len(before)
        suite.add(f"table-{finding}-{risk.lower()}", "design, section 7: the table", f"{finding} at {risk}", {**policy, **NO_FREEZE}, steps, [*others, expected])


table("within_limits", {"max_per_tx": "5"}, [], "5", ["ALLOW"] * 3)
table("cooldown_breach", {"max_per_tx": "5", "cooldown_seconds": 61}, [ask(0, "first", "1")], "1", ["DELAY cooldown_breach", "DELAY cooldown_breach", "REJECT cooldown_breach"])
table("per_tx_limit", {"max_per_tx": "5"}, [], "5.00000001", ["REJECT per_tx_limit"] * 3)
table("daily_limit", {"max_24h": "5"}, [ask(0, "first", "5")], "0.00000001", ["DELAY daily_limit", "FREEZE daily_limit", "FREEZE daily_limit"])
table("window_limit", {"windows": [{"seconds": 61, "max_count": 1}]}, [ask(0, "first", "5")], "1", ["DELAY window_limit", "FREEZE window_limit", "FREEZE window_limit"])

suite.add("high-risk-freeze", "design, section 7: HIGH freezes", "HIGH freezes within limits; LOW ends that when it has lasted", {"max_per_tx": "5"},
    [ask(0, "1", "1", "HIGH"), ask(1, "2", "1", "MEDIUM"), ask(2, "3", "1"), ask(10 * MINUTE, "3", "1", low(1)), ask(10 * MINUTE + 1, "3", "1", low(1))],
    ["FREEZE high_risk_freeze", "REJECT wallet_frozen", "REJECT wallet_frozen frozen_persistent_attempts", "REJECT wallet_frozen frozen_persistent_attempts", "ALLOW"])
suite.add("worst-decides", "design, section 7: the worst finding decides, effects add up", "REJECT, and frozen all the same", {"max_per_tx": "5"},
    [ask(0, "1", "6", "HIGH"), ask(1, "2", "1", "MEDIUM")], ["REJECT high_risk_freeze per_tx_limit", "REJECT wallet_frozen"])
suite.add("replaced-row", "design, section 7: the table can be replaced", "a row that lets nothing pass at MEDIUM", {"max_per_tx": "5", "table": {"within_limits": {"LOW": "ALLOW", "MEDIUM": "DELAY", "HIGH": "REJECT"}}},
    [ask(0, "1", "1", "MEDIUM"), ask(1, "1", "1")], ["DELAY elevated_risk", "ALLOW"])
suite.add("tolerated-sum", "design, section 7: an amount above a window's own maximum", "REJECT even where the table lets the sum pass", {"max_24h": "5", "table": {"daily_limit": {"LOW": "ALLOW", "MEDIUM": "ALLOW", "HIGH": "ALLOW"}}},
    [ask(0, "1", "5"), ask(1, "2", "5"), ask(2, "3", "5.00000001")], ["ALLOW", "ALLOW daily_limit", "REJECT daily_limit"])

for mode, at_low in [("risk", "REJECT wallet_frozen"), ("all", "ALLOW"), ("none", "REJECT wallet_frozen")]:
    suite.add(f"release-at-low-{mode}", "design, section 7: release_freeze_at_low", f"a breach's freeze at LOW with {mode}", {"max_per_tx": "5", "table": FREEZING, "release_freeze_at_low": mode},
        [ask(0, "1", "6", "MEDIUM"), ask(10 * MINUTE + 1, "2", "1", low(1))], ["FREEZE per_tx_limit", at_low])
    suite.add(f"operator-freeze-{mode}", "design, section 7: release_freeze_at_low", f"an operator's freeze at LOW with {mode}", {"max_per_tx": "5", "release_freeze_at_low": mode},
        [act(0, "freeze", {"scope": "wallet", "id": "hot-1"}), ask(10 * MINUTE + 1, "1", "1", low(1)), act(11 * MINUTE, "unfreeze", {"scope": "wallet", "id": "hot-1"}),
         act(12 * MINUTE, "unfreeze", {"scope": "cause", "id": operator_cause(0, "wallet", "hot-1")}), ask(13 * MINUTE, "1", "1"), act(14 * MINUTE, "unfreeze", {"scope": "wallet", "id": "hot-1"})],
        ["accepted", "REJECT wallet_frozen", "refused operator_freeze", "accepted", "ALLOW", "refused not_frozen"])
suite.add("lift-a-cause", "design, section 7: a freeze carries a cause_id", "all freezes of one cause, over wallets", {"max_per_tx": "5", "release_freeze_at_low": "none"},
    [ask(0, "1", "1", "HIGH"), ask(0, "2", "1", "HIGH", wallet_id="hot-2"), act(1, "unfreeze", {"scope": "cause", "id": "risk_high"}), ask(2, "3", "1"), ask(2, "4", "1", wallet_id="hot-2")],
    ["FREEZE high_risk_freeze", "FREEZE high_risk_freeze", "accepted", "ALLOW", "ALLOW"])
suite.add("own-scope", "design, section 7: a finding freezes only its own scope", "a breach of the global limit freezes everything", {"max_per_tx": "50", "limits": {"global": {"max_per_tx": "5"}}, "table": FREEZING},
    [ask(0, "1", "6", "MEDIUM"), ask(1, "2", "1", wallet_id="hot-2")], ["FREEZE per_tx_limit", "REJECT wallet_frozen"])

for edge, last in [(1_799_999, "REJECT wallet_frozen frozen_persistent_attempts"), (1_800_000, "REJECT wallet_frozen")]:
    suite.add(f"attempts-{edge}", "design, section 7: persistent attempts", f"third refusal {edge} ms after the freezing one", {"max_per_tx": "5", "table": FREEZING},
        [ask(0, "1", "6", "MEDIUM"), ask(1_000, "2", "1"), ask(edge, "3", "1")], ["FREEZE per_tx_limit", "REJECT wallet_frozen", last])
suite.add("attempts-new-series", "design, section 7: persistent attempts", "a new freeze begins a new series", {"max_per_tx": "5", "table": FREEZING},
    [ask(0, "1", "6", "MEDIUM"), ask(1, "2", "1"), act(2, "unfreeze", {"scope": "wallet", "id": "hot-1"}), ask(3, "3", "6", "MEDIUM"), ask(4, "4", "1"), ask(5, "5", "1")],
    ["FREEZE per_tx_limit", "REJECT wallet_frozen", "accepted", "FREEZE per_tx_limit", "REJECT wallet_frozen", "REJECT wallet_frozen frozen_persistent_attempts"])

suite.add("window-edge", "design, section 7: an entry at t counts while now - t < window", "the last millisecond of a window after the last moment of signing", {"windows": [{"seconds": 60, "max_amount": "5"}]},
    [ask(0, "1", "5"), ask(124_999, "2", "0.00000001"), ask(125_000, "2", "5")], ["ALLOW", "DELAY window_limit", "REJECT content_changed"])
suite.add("window-edge-exact", "design, section 7: an entry at t counts while now - t < window", "the first millisecond after a window", {"windows": [{"seconds": 60, "max_amount": "5"}]},
    [ask(0, "1", "5"), ask(125_000, "2", "5")], ["ALLOW", "ALLOW"])
suite.add("cooldown-edge", "design, section 7: breached while now - last ALLOW < cooldown", "the last millisecond of a cooldown, and the first after", {"max_per_tx": "5", "cooldown_seconds": 600},
    [ask(0, "1", "1"), ask(599_999, "2", "1"), ask(600_000, "2", "1"), ask(600_001, "3", "1")], ["ALLOW", "DELAY cooldown_breach", "ALLOW", "DELAY cooldown_breach"])
suite.add("above-the-window", "design, section 7: an amount above a window's own maximum", "REJECT without a time to retry", {"max_24h": "5"}, [ask(0, "1", "5.00000001")], ["REJECT daily_limit"])
suite.add("largest-amount", "design, section 2: amounts", "2^63-2 base units twice: the sum is above 2^63 and does not overflow", {"windows": [{"seconds": 60, "max_amount": "92233720368.54775806"}]},
    [ask(0, "1", "92233720368.54775806"), ask(1, "2", "92233720368.54775806"), ask(2, "3", "92233720368.54775807")], ["ALLOW", "DELAY window_limit", "REJECT window_limit"])
suite.add("retry-of-several", "design, section 7: retry_after_ms", "the last of several windows and the cooldown", {"windows": [{"seconds": 60, "max_amount": "5"}, {"seconds": 90, "max_count": 2}], "cooldown_seconds": 30},
    [ask(0, "1", "3"), ask(30 * SECOND, "2", "2"), ask(40 * SECOND, "3", "1"), ask(40 * SECOND, "4", "4"), ask(155 * SECOND, "4", "4")], ["ALLOW", "ALLOW", "DELAY window_limit cooldown_breach", "DELAY window_limit cooldown_breach", "ALLOW"])
suite.add("asked-counts-under-risk", "design, section 7: what counts", "what was delayed counts at MEDIUM, not at LOW, and never against itself", {"max_24h": "10", "cooldown_seconds": 60},
    [ask(0, "1", "1"), ask(1, "2", "6"), ask(MINUTE, "3", "5"), ask(2 * MINUTE, "2", "4", wallet_id="hot-1"), ask(2 * MINUTE, "4", "1", "MEDIUM")],
    ["ALLOW", "DELAY cooldown_breach", "ALLOW", "REJECT content_changed", "FREEZE daily_limit"])
suite.add("own-ask", "design, section 7: what counts", "an id's own ask does not count against it", {"max_24h": "10", "cooldown_seconds": 60}, [ask(0, "1", "1"), ask(1, "2", "9"), ask(MINUTE, "2", "9", "MEDIUM")], ["ALLOW", "DELAY cooldown_breach", "ALLOW"])
suite.add("never-doubled", "design, section 7: repeated ids", "what may have been signed is not allowed again, and counts once", {"max_24h": "10"}, [ask(0, "1", "6"), ask(MINUTE, "1", "6"), ask(MINUTE, "2", "4"), ask(MINUTE, "3", "1")], ["ALLOW", "REJECT claim_unsettled", "ALLOW", "DELAY daily_limit"])
suite.add("higher-risk", "design, section 7: repeated ids", "an ALLOW does not stand at a higher risk, nor when something is frozen", {"max_per_tx": "10"},
    [ask(0, "1", "6", "MEDIUM"), ask(1, "1", "6"), ask(2, "1", "6", "HIGH"), ask(3, "1", "6", "MEDIUM"), ask(4, "1", "6")], ["ALLOW", "ALLOW", "REJECT claim_unsettled high_risk_freeze", "REJECT claim_unsettled wallet_frozen", "REJECT claim_unsettled wallet_frozen frozen_persistent_attempts"])
suite.add("last-word", "design, section 7: finalize", "only a final ALLOW reserves; a refusal cannot be turned", {"max_24h": "10"},
    [ask(0, "1", "10", finalize="refuse"), ask(1, "2", "10", finalize="throw"), ask(2, "3", "10", finalize="allow"), ask(3, "4", "1", finalize="allow"), ask(4, "3", "10", finalize="refuse"), ask(5, "3", "10")],
    ["ALLOW (not final)", "REJECT finalize_failed", "ALLOW", "DELAY daily_limit", "ALLOW (not final)", "REJECT claim_unsettled"])
suite.add("last-word-again", "design, section 7: finalize", "an answer stands only for who had the last word on it", {"max_24h": "10"}, [ask(0, "1", "10"), ask(1, "1", "10", finalize="refuse"), ask(2, "2", "1")], ["ALLOW", "ALLOW (not final)", "DELAY daily_limit"])
suite.add("settle-nothing", "design, section 7: commit, release", "what was never allowed", {"max_per_tx": "5"},
    [ask(0, "1", "6"), act(1, "release", "1"), act(3, "commit", "1", txid=TXID), act(4, "release", "2")], ["REJECT per_tx_limit", "refused not_reserved", "accepted late_commit", "refused unknown_withdrawal"])
suite.add("commit-edge", "design, section 7: commit", "it changes nothing about what counts, whenever it comes", {"max_24h": "10"}, [ask(0, "1", "5"), ask(0, "2", "5"), act(59_999, "commit", "1", txid=TXID), act(DAY, "commit", "2", txid=TXID), ask(DAY + 64_999, "3", "5"), ask(DAY + 65_000, "3", "5"), ask(DAY + 65_000, "4", "5")], ["ALLOW", "ALLOW", "accepted", "accepted", "DELAY daily_limit", "ALLOW", "ALLOW"])

LISTS = {"max_per_tx": "5", "allow_destinations": ["good", "both"], "deny_destinations": ["both"]}
for id, to, result in [("listed", ["good"], "ALLOW"), ("unlisted", ["other"], "REJECT destination_denied"), ("denied", ["both"], "REJECT destination_denied"), ("mixed", ["good", "other"], "REJECT destination_denied")]:
    suite.add(f"destinations-{id}", "design, section 7: destinations", f"{id} destinations with both lists", LISTS, [ask(0, "1", str(len(to)), destinations=[{"address": a, "amount": "1"} for a in to])], [result])

for jump, result in [(5_000, "ALLOW"), (5_001, "REJECT clock_untrusted"), (-5_000, "ALLOW"), (-5_001, "REJECT clock_untrusted")]:
    suite.add(f"clock-jump-{jump}", "design, section 7: clocks", f"the wall clock {jump} ms apart", {"max_per_tx": "5"}, [ask(0, "1", "1", steady=10_000), ask(jump, "2", "1", steady=10_000)], ["ALLOW", result], monotonic=True)

suite.add("clock-drift", "design, section 7: clocks", "a drift of 0.2 s an hour is followed", {"max_per_tx": "5"}, [ask(n * (3_600_000 + 200), str(n), "1", steady=n * 3_600_000) for n in range(40)], ["ALLOW"] * 40, monotonic=True)
suite.add("clock-idle", "design, section 7: clocks", "a drift of 9.6 s in 48 hours without a call is followed", {"max_per_tx": "5"}, [ask(0, "1", "1", steady=0), ask(2 * DAY + 9_600, "2", "1", steady=2 * DAY)], ["ALLOW", "ALLOW"], monotonic=True)
suite.add("clock-ahead-of-validity", "design, section 7: clocks", "a validity is by the true clock", {"max_per_tx": "5"}, [ask(0, "1", "1"), ask(-5_000, "1", "1"), ask(-5_000, "2", "1"), ask(54_999, "2", "1"), ask(55_000, "2", "1")], ["ALLOW"] * 4 + ["REJECT claim_unsettled"])
suite.add("clock-accept-ahead", "design, section 7: clocks", "a jump forward is accepted, and what lies behind it is out", {"max_24h": "5"}, [ask(0, "1", "5", steady=0), ask(DAY, "2", "5", steady=1), act(DAY, "accept_clock", True, steady_ms=2), ask(DAY + 64_999, "2", "5", steady=65_001), ask(DAY + 65_000, "2", "5", steady=65_002)],
    ["ALLOW", "REJECT clock_untrusted", "accepted", "DELAY daily_limit", "ALLOW"], monotonic=True)

suite.add("scopes-in-order", "design, section 7: order of codes", "account, wallet, global; amounts, windows, cooldowns", {
    "max_per_tx": "1", "windows": [{"seconds": 60, "max_count": 1}], "limits": {"account": {"max_24h": "1"}, "wallet": {"max_24h": "1"}, "global": {"max_per_tx": "1", "cooldown_seconds": 60}}},
    [ask(0, "1", "1", account_id="a"), ask(1, "2", "2", "HIGH", account_id="a")], ["ALLOW", "REJECT high_risk_freeze per_tx_limit daily_limit window_limit cooldown_breach"])


def malformed(id: str, path: str, codes: Any=("invalid_withdrawal",), risk: str="LOW", amount: Any="1", **fields: Any) -> None:
    expect = {"reason_codes": list(codes), "path": path}
    suite.add(f"malformed-{id}", "design, section 7: a withdrawal", f"refuses {id.replace('-', ' ')}", {"max_per_tx": "5"}, [ask(0, "w", amount, risk, expect=expect, **fields)], [" ".join(["REJECT", *codes])])


for id, amount in [("zero", "0"), ("negative", "-1"), ("nine-decimals", "0.000000001"), ("two-to-the-63", "92233720368.54775808"), ("an-exponent", "1e3"), ("a-space", " 1"), ("a-negative-number", -1), ("a-rounded-number", 0.30000000000000004), ("a-boolean", True), ("a-list", ["1"])]:
    malformed(f"amount-{id}", "/amount", amount=amount)
malformed("an-empty-wallet", "/wallet_id", wallet_id="")
malformed("a-padded-wallet", "/wallet_id", wallet_id="hot-1 ")
malformed("no-wallet", "/wallet_id", wallet_id=None)
malformed("an-unknown-key", "/note", note="x")
malformed("an-empty-account", "/account_id", account_id="")
malformed("destinations-above-the-amount", "/amount", destinations=[{"address": "x", "amount": "1.00000001"}])
malformed("an-unknown-risk", "/risk", ("invalid_risk",), "CRITICAL")
malformed("a-lower-case-risk", "/risk", ("invalid_risk",), "low")
malformed("both", "/note", ("invalid_withdrawal", "invalid_risk"), "NONE", note=1)
suite.add("malformed-no-account", "design, section 7: a withdrawal", "refuses a withdrawal that would escape an account's limit", {"limits": {"account": {"max_24h": "5"}}},
    [ask(0, "w", "1", expect={"reason_codes": ["invalid_withdrawal"], "path": "/account_id"}), ask(1, "w", "5", account_id="a")], ["REJECT invalid_withdrawal", "ALLOW"])
