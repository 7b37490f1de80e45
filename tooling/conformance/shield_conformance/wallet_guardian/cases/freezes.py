"""Freezes of accounts, and how freezes end: one rule a case."""

from __future__ import annotations

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.histories import MINUTE, SECOND, Suite, act, ask, low, operator_cause, pay

suite = Suite("guardian-freezes", "design, section 7: freezes")
CLAUSE = "design, section 7: freezes"
ACCOUNTS = {"max_24h": "100", "freeze_scope": "account", "limits": {"account": {"max_24h": "5"}}}
OVER = [ask(0, "a-1", "5", account_id="a"), ask(1, "a-2", "1", "MEDIUM", account_id="a")]


def add(id: str, title: str, policy: Json, steps: list[Json], result: list[str]) -> None:
    suite.add(id, CLAUSE, title, policy, steps, result)


add("account", "a breach of the account's own limit freezes the account alone", ACCOUNTS, [*OVER, ask(2, "a-3", "0.1", account_id="a"), ask(3, "b-1", "5", account_id="b")], ["ALLOW", "FREEZE daily_limit", "REJECT wallet_frozen daily_limit", "ALLOW"])
add("account-required", "a withdrawal without an account is refused", {**ACCOUNTS, "limits": {}}, [ask(0, "1", "1", expect={"reason_codes": ["invalid_withdrawal"], "path": "/account_id"})], ["REJECT invalid_withdrawal"])
add("account-wallet-limit", "a breach of the wallet's or the global limit delays", {**ACCOUNTS, "max_24h": "6", "limits": {"global": {"max_24h": "7"}}},
    [ask(0, "a-1", "5", account_id="a"), ask(1, "b-1", "2", "MEDIUM", account_id="b"), ask(2, "b-2", "1", account_id="b")], ["ALLOW", "DELAY daily_limit", "ALLOW"])
add("account-asked", "what was only requested counts for the account alone", {**ACCOUNTS, "max_24h": "7"},
    [ask(0, "a-1", "4", account_id="a"), ask(1, "b-1", "4", account_id="b"), ask(2, "c-1", "3", "MEDIUM", account_id="c"), ask(3, "b-2", "2", "MEDIUM", account_id="b")],
    ["ALLOW", "DELAY daily_limit", "ALLOW", "FREEZE daily_limit"])
THREE = {**ACCOUNTS, "accounts_frozen": {"count": 3, "seconds": 60}}
for edge, result in [(59_999, "REJECT daily_limit accounts_frozen"), (60_000, "REJECT daily_limit")]:
    add(f"accounts-frozen-{edge}", f"the third account of a wallet {edge} ms after the first", THREE, [ask(0, "a", "6", "MEDIUM", account_id="a"), ask(1, "b", "6", "MEDIUM", account_id="b"), ask(2, "b-2", "6", "MEDIUM", account_id="b"), ask(edge, "c", "6", "MEDIUM", account_id="c"), ask(edge, "d", "1", account_id="d")],
        ["REJECT daily_limit", "REJECT daily_limit", "REJECT wallet_frozen daily_limit", result, "REJECT wallet_frozen" if "frozen" in result else "ALLOW"])
add("accounts-frozen-at-once", "several accounts of one payment count each", {**THREE, "accounts_frozen": {"count": 2, "seconds": 60}}, [pay(0, "p", [("1", "6", {"account_id": "a"}), ("2", "6", {"account_id": "b"})], "MEDIUM")], ["REJECT daily_limit accounts_frozen"])
add("accounts-frozen-order", "is reported after the windows, before the cooldowns", {**THREE, "accounts_frozen": {"count": 1, "seconds": 60}, "cooldown_seconds": 60}, OVER, ["ALLOW", "FREEZE daily_limit accounts_frozen cooldown_breach"])

HIGH = [ask(0, "1", "1", "HIGH"), ask(10 * SECOND, "1", "1", "HIGH")]
FROZEN = ["FREEZE high_risk_freeze", "REJECT high_risk_lockdown high_risk_freeze"]
for since, at, result in [(10 * SECOND, 20 * MINUTE, "REJECT wallet_frozen frozen_persistent_attempts"), (10 * SECOND + 1, 610 * SECOND, "REJECT wallet_frozen frozen_persistent_attempts"), (10 * SECOND + 1, 610 * SECOND + 1, "ALLOW")]:
    add(f"low-since-{since}-at-{at}", "LOW since after the latest occurrence, for long enough", {"max_per_tx": "5"}, [*HIGH, ask(at, "2", "1", low(since))], [*FROZEN, result])
add("low-said", "a LOW that does not say since when ends nothing", {"max_per_tx": "5", "lift_after_low_seconds": 0}, [*HIGH, ask(20 * MINUTE, "2", "1"), ask(20 * MINUTE, "2", "1", {"level": "LOW"}), ask(20 * MINUTE, "2", "1", low(20 * MINUTE + 1)), ask(20 * MINUTE, "2", "1", low(20 * MINUTE))],
    [*FROZEN, *["REJECT wallet_frozen frozen_persistent_attempts"] * 3, "ALLOW"])
add("low-of-a-claimed-one", "a risk that is lower all the time ends it for the next one", {"max_per_tx": "5"}, [ask(0, "1", "1", "MEDIUM"), ask(1, "2", "1", "HIGH"), ask(20 * MINUTE, "1", "1", low(2)), ask(20 * MINUTE, "3", "1")], ["ALLOW", "FREEZE high_risk_freeze", "REJECT claim_unsettled", "ALLOW"])
for edge, result in [(69_999, "REJECT wallet_frozen frozen_persistent_attempts"), (70_000, "ALLOW")]:
    add(f"freeze-seconds-{edge}", "an automatic freeze ends by itself after its latest occurrence, at any risk", {"max_per_tx": "5", "freeze_seconds": 60}, [*HIGH, ask(edge, "2", "1", "MEDIUM")], [*FROZEN, result])
add("freeze-seconds-operator", "an operator's never does", {"max_per_tx": "5", "freeze_seconds": 60}, [act(0, "freeze", {"scope": "account", "id": "a"}), ask(60 * MINUTE, "1", "1", account_id="a")], ["accepted", "REJECT wallet_frozen"])
add("kinds-apart", "unfreeze lifts what is automatic; an operator's by its cause", {"max_per_tx": "5"},
    [*HIGH, act(11 * SECOND, "freeze", {"scope": "wallet", "id": "hot-1"}), act(12 * SECOND, "freeze", {"scope": "wallet", "id": "hot-1"}), act(13 * SECOND, "unfreeze", {"scope": "wallet", "id": "hot-1"}), act(14 * SECOND, "unfreeze", {"scope": "wallet", "id": "hot-1"}),
     act(15 * SECOND, "unfreeze", {"scope": "cause", "id": operator_cause(11 * SECOND, "wallet", "hot-1")}), ask(16 * SECOND, "2", "1"), act(17 * SECOND, "unfreeze", {"scope": "cause", "id": operator_cause(12 * SECOND, "wallet", "hot-1")}), ask(18 * SECOND, "2", "1")],
    [*FROZEN, "accepted", "accepted", "accepted", "refused operator_freeze", "accepted", "REJECT wallet_frozen frozen_persistent_attempts", "accepted", "ALLOW"])
add("one-row-a-kind", "the first occurrence names the cause, and its lifting ends them all", {"max_24h": "5"},
    [ask(0, "1", "6", "MEDIUM"), ask(1, "2", "6", "MEDIUM"), act(2, "unfreeze", {"scope": "cause", "id": "breach-none"}), act(3, "unfreeze", {"scope": "wallet", "id": "hot-1"}), ask(4, "3", "1")],
    ["REJECT daily_limit", "REJECT wallet_frozen daily_limit", "refused not_frozen", "accepted", "ALLOW"])
