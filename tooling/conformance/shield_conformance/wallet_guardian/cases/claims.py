"""Claims, payments and what becomes of them: one rule a case."""

from __future__ import annotations

from typing import Any

from shield_conformance.wallet_guardian.histories import (
    DAY,
    OTHER_TXID,
    TXID,
    Suite,
    act,
    ask,
    claim,
    coin,
    pay,
)

suite = Suite("guardian-claims", "design, section 7: life of a payment")
LIFE, PAYMENTS = "design, section 7: life of a payment", "design, section 7: payments"
EXPLICIT = {"max_24h": "10", "claim": "explicit", "high_risk_freeze": False}
TWO = [("w-1", "3"), ("w-2", "4")]

suite.add("reservation-lapses", LIFE, "its room returns by itself, to the millisecond", EXPLICIT,
    [ask(0, "1", "10"), ask(59_999, "2", "10"), ask(60_000, "2", "10")], ["ALLOW", "DELAY daily_limit", "ALLOW"])
suite.add("reservation-renewed", LIFE, "the first lapse is forgiven; then the pause doubles", EXPLICIT,
    [ask(0, "1", "10"), ask(60_000, "1", "10"), ask(120_000, "1", "10"), ask(179_999, "1", "10"), ask(180_000, "1", "10"), ask(240_000, "1", "10"), ask(359_999, "1", "10"), ask(360_000, "1", "10")],
    ["ALLOW", "ALLOW", "DELAY reservation_lapsed", "DELAY reservation_lapsed", "ALLOW", "DELAY reservation_lapsed", "DELAY reservation_lapsed", "ALLOW"])
suite.add("reservation-own-room", LIFE, "a reservation does not count against itself, nor twice", EXPLICIT,
    [ask(0, "1", "6"), ask(1, "1", "6", "MEDIUM"), ask(2, "2", "4"), ask(2, "3", "0.00000001")], ["ALLOW", "ALLOW", "ALLOW", "DELAY daily_limit"])
suite.add("reservation-released", LIFE, "release returns its room at once, and is no lapse", EXPLICIT,
    [ask(0, "1", "10"), act(1, "release", "1"), act(1, "release", "1"), ask(2, "2", "10"), act(3, "release", "2"), ask(4, "1", "10"), ask(60_004, "1", "10")],
    ["ALLOW", "accepted", "accepted", "ALLOW", "accepted", "ALLOW", "ALLOW"])
suite.add("reservation-ends", LIFE, "a finalize hook that refuses ends it; nothing could be signed", EXPLICIT,
    [ask(0, "1", "10", finalize="allow"), ask(1, "1", "10", finalize="refuse"), claim(2, "1"), ask(3, "2", "10")], ["ALLOW", "ALLOW (not final)", "REJECT not_reserved", "ALLOW"])
suite.add("claim-counts", LIFE, "until the last moment of signing, the skew and the window", EXPLICIT,
    [ask(0, "1", "10"), claim(59_999, "1"), ask(DAY + 124_998, "2", "10"), ask(DAY + 124_999, "2", "10")], ["ALLOW", "ALLOW", "DELAY daily_limit", "ALLOW"])
suite.add("claim-of-nothing", LIFE, "unknown, delayed, released, committed", EXPLICIT,
    [claim(0, "1"), ask(0, "1", "11"), claim(1, "1"), ask(2, "2", "1"), act(3, "release", "2"), claim(4, "2"), act(5, "commit", "2", txid=TXID), claim(6, "2")],
    ["REJECT unknown_withdrawal", "REJECT daily_limit", "REJECT not_reserved", "ALLOW", "accepted", "REJECT not_reserved", "accepted late_commit", "REJECT already_committed"])
suite.add("claim-looks-again", LIFE, "risk, freezes and the finalize hook", EXPLICIT,
    [ask(0, "1", "1"), claim(1, "1", risk="MEDIUM"), claim(2, "1", finalize="refuse"), claim(3, "1", finalize="throw"), act(4, "freeze", {"scope": "global", "id": "global"}), claim(5, "1"), claim(6, "1", risk="HIGH"), act(7, "unfreeze", {"scope": "global", "id": "global"})],
    ["ALLOW", "REJECT allow_not_in_force", "REJECT finalize_refused", "REJECT finalize_failed", "accepted", "REJECT wallet_frozen", "REJECT high_risk_lockdown", "refused operator_freeze"])
suite.add("claim-at-high", LIFE, "it freezes the wallet as a request does", {**EXPLICIT, "high_risk_freeze": True},
    [ask(0, "1", "1"), claim(1, "1", risk="HIGH"), claim(2, "1"), ask(3, "2", "1"), ask(4, "3", "1")],
    ["ALLOW", "REJECT high_risk_freeze", "REJECT wallet_frozen", "REJECT wallet_frozen", "REJECT wallet_frozen frozen_persistent_attempts"])
suite.add("claim-held", LIFE, "another signer waits until it has run out, and then replaces it", EXPLICIT,
    [ask(0, "1", "1"), claim(0, "1", "a", [1]), claim(59_999, "1", "b", [1]), claim(60_000, "1", "b", [2]), claim(60_000, "1", "b"), claim(60_000, "1", "b", [1, 2]), claim(60_001, "1", "a", [1])],
    ["ALLOW", "ALLOW", "DELAY claimed", "REJECT not_a_replacement", "REJECT not_a_replacement", "ALLOW", "DELAY claimed"])
suite.add("claim-replaces-all", LIFE, "a later claim shares an input with every earlier one", EXPLICIT,
    [ask(0, "1", "1"), claim(0, "1", inputs=[1, 2]), claim(1, "1", inputs=[1, 3]), claim(2, "1", inputs=[2, 4]), claim(3, "1", inputs=[2, 3])],
    ["ALLOW", "ALLOW", "ALLOW", "REJECT not_a_replacement", "ALLOW"])
suite.add("claim-too-often", LIFE, "twenty claims at most", EXPLICIT, [ask(0, "1", "1"), *[claim(n, "1", inputs=[1, n + 2]) for n in range(21)]], ["ALLOW"] * 21 + ["REJECT claims_exhausted"])
suite.add("claim-unnamed", LIFE, "a claim that named no transaction has no later one", EXPLICIT,
    [ask(0, "1", "1"), claim(0, "1"), claim(1, "1"), claim(2, "1", inputs=[1]), claim(60_000, "1", inputs=[1])], ["ALLOW", "ALLOW", "ALLOW", "REJECT not_a_replacement", "REJECT not_a_replacement"])
suite.add("claim-out-of-the-window", LIFE, "what has left a window has to fit once more", EXPLICIT,
    [ask(0, "1", "6"), claim(0, "1", inputs=[1]), ask(DAY + 65_000, "2", "6"), claim(DAY + 65_000, "2", inputs=[2]), claim(DAY + 65_001, "1", inputs=[1, 3]), claim(2 * DAY + 130_000, "1", inputs=[1, 3])],
    ["ALLOW", "ALLOW", "ALLOW", "ALLOW", "DELAY daily_limit", "ALLOW"])
suite.add("claim-implicit", LIFE, "an ALLOW that is a claim has no other", {"max_24h": "10"},
    [ask(0, "1", "1"), claim(1, "1", inputs=[1]), claim(60_000, "1", inputs=[1]), act(60_001, "release", "1"), act(64_999, "release", "1", operator=True, not_executed=True), act(65_000, "release", "1", operator=True, not_executed=True), ask(65_001, "1", "1")],
    ["ALLOW", "DELAY claimed", "REJECT not_a_replacement", "refused claimed", "refused claim_running", "accepted", "ALLOW"])
suite.add("release-by-the-signer", LIFE, "who claimed may say that nothing was executed", EXPLICIT,
    [ask(0, "1", "10"), claim(0, "1", "a", [1]), act(1, "release", "1", signer_id="b", not_executed=True), act(2, "release", "1", signer_id="a"), act(3, "release", "1", signer_id="a", not_executed=True), ask(4, "2", "10")],
    ["ALLOW", "ALLOW", "refused claimed", "refused claimed", "accepted", "ALLOW"])
suite.add("commit-unclaimed", LIFE, "money that moved without a claim counts from when that is told", EXPLICIT,
    [ask(0, "1", "6"), act(DAY, "commit", "1", txid=TXID), ask(2 * DAY - 1, "2", "6"), ask(2 * DAY, "2", "6")], ["ALLOW", "accepted late_commit", "DELAY daily_limit", "ALLOW"])
suite.add("commit-fee", LIFE, "a fee above the one that was asked for", EXPLICIT,
    [ask(0, "1", "6", max_fee="1"), claim(0, "1"), act(1, "commit", "1", txid=TXID), act(2, "commit", "1", txid=TXID, fee="1.00000001"), act(3, "commit", "1", txid=TXID, fee="1.00000001"), ask(4, "2", "6"), claim(4, "2"), act(5, "commit", "2", txid=TXID, fee="6")],
    ["ALLOW", "ALLOW", "accepted", "accepted fee_exceeded", "accepted", "DELAY daily_limit", "REJECT not_reserved", "accepted late_commit"])
suite.add("commit-twice", LIFE, "a second transaction beside the first one counts once more", {**EXPLICIT, "max_24h": "20"},
    [ask(0, "1", "6"), claim(0, "1", inputs=[1]), act(1, "commit", "1", txid=TXID), act(2, "commit", "1", txid=OTHER_TXID, inputs=[coin(2)]), act(3, "commit", "1", txid=OTHER_TXID), ask(4, "2", "8.00000001"), ask(5, "3", "8")],
    ["ALLOW", "ALLOW", "accepted", "accepted double_payment", "accepted", "DELAY daily_limit", "ALLOW"])
suite.add("commit-replaces-the-claimed", LIFE, "where the first one's inputs are not told, those of every claim count", {**EXPLICIT, "max_24h": "20"},
    [ask(0, "1", "6"), claim(0, "1", inputs=[1]), act(1, "commit", "1", txid=TXID), act(2, "commit", "1", txid=OTHER_TXID, inputs=[coin(1)]), ask(3, "2", "14")],
    ["ALLOW", "ALLOW", "accepted", "accepted replaced", "ALLOW"])

suite.add("payment-counts", PAYMENTS, "each payout counts, in its account, the wallet and everywhere", {"windows": [{"seconds": 3_600, "max_count": 3}], "limits": {"account": {"windows": [{"seconds": 3_600, "max_amount": "5"}]}}},
    [pay(0, "p", [("w-1", "3", {"account_id": "a"}), ("w-2", "5", {"account_id": "b"})]), ask(1, "w-3", "3", account_id="a"), ask(2, "w-4", "2", account_id="a"), ask(3, "w-5", "1", account_id="c")],
    ["ALLOW", "DELAY window_limit", "ALLOW", "DELAY window_limit"])
suite.add("payment-too-many", PAYMENTS, "more payouts than a window has room for at any time", {"windows": [{"seconds": 3_600, "max_count": 1}]}, [pay(0, "p", TWO)], ["REJECT window_limit"])
suite.add("payment-largest", PAYMENTS, "the largest single withdrawal is asked of each payout", {"max_per_tx": "4"}, [pay(0, "p", TWO), pay(1, "q", [("w-3", "1"), ("w-4", "4.00000001")])], ["ALLOW", "REJECT per_tx_limit"])
suite.add("payment-cooldown", PAYMENTS, "the cooldown is asked once", {"max_per_tx": "4", "cooldown_seconds": 60}, [pay(0, "p", TWO), pay(59_999, "q", [("w-3", "1"), ("w-4", "1")]), pay(60_000, "q", [("w-3", "1"), ("w-4", "1")])], ["ALLOW", "DELAY cooldown_breach", "ALLOW"])
suite.add("payment-of-one", PAYMENTS, "with its payout's id it is that withdrawal", {"max_24h": "10"}, [pay(0, "w-1", [("w-1", "3")]), ask(1, "w-1", "3"), pay(2, "p", [("w-1", "3")]), pay(3, "w-1", [("w-2", "3")])], ["ALLOW", "ALLOW", "REJECT in_other_payment", "REJECT content_changed"])
suite.add("payment-ids", PAYMENTS, "an id stands for one thing: a payment, or a payout", {"max_24h": "20"},
    [pay(0, "p", TWO), pay(1, "p", [("w-1", "3")]), ask(2, "w-1", "3"), ask(2, "w-1", "2"), ask(3, "p", "7"), pay(4, "q", [("p", "7"), ("w-5", "1")]), act(5, "commit", "w-1", txid=TXID), act(5, "release", "w-2"), act(6, "commit", "p", txid=TXID), ask(7, "w-2", "4")],
    ["ALLOW", "REJECT content_changed", "REJECT in_other_payment", "REJECT content_changed", "REJECT content_changed", "REJECT content_changed", "accepted", "refused part_of_payment", "accepted", "REJECT already_committed"])
suite.add("payment-moves", PAYMENTS, "a payout that nothing holds goes over to the payment that asks for it", {**EXPLICIT, "max_24h": "7"},
    [pay(0, "p", TWO), pay(1, "q", [("w-2", "4"), ("w-3", "1")]), pay(60_000, "q", [("w-2", "4"), ("w-3", "1")]), ask(60_001, "w-1", "3"), ask(60_002, "w-1", "2"), claim(60_003, "p"), pay(60_004, "p", TWO), act(60_005, "commit", "p", txid=TXID)],
    ["ALLOW", "REJECT in_other_payment", "ALLOW", "DELAY daily_limit", "REJECT content_changed", "REJECT reservation_lapsed", "REJECT in_other_payment", "accepted late_commit"])


def malformed(id: str, path: str, payouts: list[Any], **fields: Any) -> None:
    expect = {"reason_codes": ["invalid_withdrawal"], "path": path}
    suite.add(f"malformed-{id}", PAYMENTS, f"refuses {id.replace('-', ' ')}", {"max_24h": "10"}, [pay(0, "p", payouts, expect=expect, **fields)], ["REJECT invalid_withdrawal"])


malformed("a-payment-of-nothing", "/payouts", [])
malformed("a-payout-twice", "/payouts", [("w-1", "1"), ("w-1", "1")])
malformed("a-payout-with-the-payment's-id".replace("'", ""), "/payouts", [("p", "1"), ("w-1", "1")])
malformed("a-payout-of-nothing", "/payouts/1/amount", [("w-1", "1"), ("w-2", "0")])
malformed("a-payout-with-a-wallet", "/payouts/0/wallet_id", [("w-1", "1", {"wallet_id": "hot-2"})])
malformed("a-payment-with-an-amount", "/amount", TWO, amount="7")

suite.add("policy-outdated", "design, section 7: replicas", "an older process refuses when a newer one has come", {"max_24h": "10"},
    [ask(0, "1", "1"), {**ask(1, "2", "1"), "by": "other"}, ask(2, "3", "1"), claim(3, "1"), act(4, "commit", "1", txid=TXID), {**ask(5, "3", "10"), "by": "other"}],
    ["ALLOW", "ALLOW", "REJECT policy_outdated", "REJECT policy_outdated", "accepted", "DELAY daily_limit"], other_policy={"max_24h": "11"})
