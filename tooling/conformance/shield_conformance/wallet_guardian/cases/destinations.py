"""Destinations and fees: one rule a case."""

from __future__ import annotations

from typing import Any

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.histories import SECOND, Suite, act, ask, pay, to

suite = Suite("guardian-destinations", "design, section 7: destinations")
CLAUSE = "design, section 7: destinations"
A, B = "dgb1qw508d6qejxtdg4y5r3zarvary0c5xw7k3xh7qa", "DPq3mXFtzqmZTf4XwUDTdFLWtnkYDf1xyZ"
ALIKE = "dgb1qw508mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmh7qa"


def add(id: str, title: str, policy: Json, steps: list[Json], result: list[str], **more: Any) -> None:
    suite.add(id, CLAUSE, title, {"max_24h": "100", **policy}, steps, result, **more)


def bad(path: str) -> Json:
    return {"expect": {"reason_codes": ["invalid_withdrawal"], "path": path}}


LIST = {"allow_destinations": [A]}
add("exact", "with a list destinations are named, and add up with the fee", LIST,
    [ask(0, "1", "5", **bad("/destinations")), ask(1, "1", "5", destinations=to((A, "4")), **bad("/amount")), ask(2, "1", "5", max_fee="1", destinations=to((A, "4"))), ask(3, "2", "1", max_fee="1", destinations=[]), ask(4, "3", "5", max_fee="2", destinations=to((A, "4")), **bad("/amount"))],
    ["REJECT invalid_withdrawal", "REJECT invalid_withdrawal", "ALLOW", "ALLOW", "REJECT invalid_withdrawal"])
add("exact-of-a-payout", "as each payout of a payment", LIST,
    [pay(0, "p", [("w-1", "1", {"destinations": to((A, "1"))}), ("w-2", "1")], **bad("/payouts/1/destinations")), pay(1, "p", [("w-1", "2", {"destinations": to((A, "1"))})], **bad("/payouts/0/amount"))], ["REJECT invalid_withdrawal"] * 2)
add("not-above", "without a list they are not more than the amount", {},
    [ask(0, "1", "5", max_fee="1", destinations=to((A, "4.00000001")), **bad("/amount")), ask(1, "1", "5", destinations=to((A, "1")))], ["REJECT invalid_withdrawal", "ALLOW"])
SCRIPTS = {A: "0014aa", "3same": "a914bb", "Ssame": "a914bb", B: "76a9cc"}
add("two-spellings", "lists compare scripts", {"deny_destinations": ["3same"]},
    [ask(0, "1", "1", destinations=to(("Ssame", "1"))), ask(1, "2", "1", destinations=to((A, "1"))), ask(2, "3", "1", destinations=to(("digibyte:" + A, "1")))],
    ["REJECT destination_denied", "ALLOW", "REJECT destination_unreadable"], scripts=SCRIPTS)
add("unreadable-anyway", "what cannot be read is refused without any list", {}, [ask(0, "1", "1", destinations=to(("torn", "1"))), ask(1, "2", "1")], ["REJECT destination_unreadable", "ALLOW"], scripts=SCRIPTS)
for fee, result in [("1", "ALLOW"), ("1.00000001", "REJECT fee_limit")]:
    add(f"max-fee-{fee}", "the largest fee of a payment", {"max_fee": "1"}, [ask(0, "1", "50", max_fee=fee, destinations=to((A, "49" if fee == "1" else "48.99999999")))], [result])
add("max-fee-of-all", "the fees of all payouts together", {"max_fee": "1"}, [pay(0, "p", [(f"w-{n}", "5", {"max_fee": "0.6", "destinations": to((A, "4.4"))}) for n in range(2)]), ask(1, "1", "5", destinations=to((A, "5")), **bad("/max_fee"))], ["REJECT fee_limit", "REJECT invalid_withdrawal"])
for ratio, result in [(0.1, "ALLOW"), ("0.09999999", "REJECT fee_limit")]:
    add(f"max-fee-ratio-{ratio}", "a fee as a share of what the destinations get", {"max_fee_ratio": ratio}, [ask(0, "1", "11", max_fee="1", destinations=to((A, "10"))), ask(1, "2", "1", max_fee="1", destinations=[])], [result, "ALLOW"])
NEW = {"new_destination_seconds": 60, "new_destination_free": "5"}
add("new", "waits from its first request on, to the millisecond", {**NEW, "new_destination_free": "0"},
    [ask(0, "1", "1", account_id="a", destinations=to((A, "1"))), ask(59_999, "1", "1", account_id="a", destinations=to((A, "1"))), ask(60_000, "1", "1", account_id="a", destinations=to((A, "1"))), ask(60_001, "2", "1", account_id="b", destinations=to((A, "1")))],
    ["DELAY new_destination", "DELAY new_destination", "ALLOW", "DELAY new_destination"])
add("new-free", "what is free is used up, by all requests together", NEW,
    [ask(0, "1", "3", destinations=to((A, "3"))), ask(1, "2", "2.00000001", destinations=to((A, "2.00000001"))), ask(2, "3", "2", destinations=to((A, "1"), (A, "1"))), ask(3, "4", "0.00000001", destinations=to((A, "0.00000001"))), ask(60_000, "2", "2.00000001", destinations=to((A, "2.00000001")))],
    ["ALLOW", "DELAY new_destination", "ALLOW", "DELAY new_destination", "ALLOW"])
add("new-registered", "is known from its registration on", {**NEW, "new_destination_free": "0"},
    [act(0, "register_destination", {"account_id": "a", "address": A}), act(30 * SECOND, "register_destination", {"account_id": "a", "address": A}), ask(59_999, "1", "1", account_id="a", destinations=to((A, "1"))), ask(60_000, "1", "1", account_id="a", destinations=to((A, "1")))],
    ["accepted", "accepted", "DELAY new_destination", "ALLOW"])
add("new-approved", "does not wait when it was approved", {**NEW, "new_destination_free": "0"},
    [act(0, "approve_destination", {"wallet_id": "hot-1", "address": A}), ask(1, "1", "1", destinations=to((A, "1")))], ["accepted", "ALLOW"])
LIKE = {"destination_lookalikes": True}
add("lookalike", "the first four and the last four characters are those of a known one", LIKE,
    [ask(0, "1", "1", destinations=to((A, "1"))), ask(1, "2", "1", destinations=to((ALIKE, "1"))), ask(2, "3", "1", destinations=to((B, "1"))), ask(3, "4", "1", wallet_id="hot-2", destinations=to((ALIKE, "1"))), ask(4, "5", "1", destinations=to((A.upper(), "1")))],
    ["ALLOW", "DELAY destination_lookalike", "ALLOW", "ALLOW", "DELAY destination_lookalike"])
add("lookalike-first", "whichever was named first, and also within one payment", LIKE,
    [act(0, "register_destination", {"wallet_id": "hot-1", "address": ALIKE}), ask(1, "1", "1", destinations=to((A, "1"))), act(2, "approve_destination", {"wallet_id": "hot-1", "address": A}), ask(3, "1", "1", destinations=to((A, "1"))), ask(4, "2", "1", destinations=to((ALIKE, "1"))), ask(5, "3", "2", wallet_id="hot-2", destinations=to((A, "1"), (ALIKE, "1")))],
    ["accepted", "DELAY destination_lookalike", "accepted", "ALLOW", "DELAY destination_lookalike", "DELAY destination_lookalike"])
add("lookalike-stays", "also when it was registered, until it is approved", LIKE,
    [ask(0, "1", "1", destinations=to((A, "1"))), act(1, "register_destination", {"wallet_id": "hot-1", "address": ALIKE}), ask(86_400_000, "2", "1", destinations=to((ALIKE, "1"))), act(86_400_001, "approve_destination", {"wallet_id": "hot-1", "address": ALIKE}), ask(86_400_002, "2", "1", destinations=to((ALIKE, "1")))],
    ["ALLOW", "accepted", "DELAY destination_lookalike", "accepted", "ALLOW"])
add("order", "of codes: lists, fees, new, look-alike, limits", {**NEW, **LIKE, "new_destination_free": "0", "deny_destinations": [ALIKE], "max_fee": "0", "max_per_tx": "1"},
    [act(0, "register_destination", {"wallet_id": "hot-1", "address": A}), ask(1, "1", "3", "MEDIUM", max_fee="1", destinations=to((ALIKE, "2")))],
    ["accepted", "REJECT destination_denied fee_limit new_destination destination_lookalike per_tx_limit"])
add("unreadable-registration", "what cannot be read is not registered", NEW, [act(0, "register_destination", {"account_id": "a", "address": "torn"})], ["refused destination_unreadable"], scripts=SCRIPTS)
