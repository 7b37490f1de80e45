"""What is remembered: plain lists, searched from one end to the other."""

from __future__ import annotations

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.basics import scopes_of


class Ledger:
    def __init__(self) -> None:
        # One row a payout; a payment's own facts; what was paid twice, once more for each.
        self.rows: list[Json] = []
        self.payments: list[Json] = []
        self.doubles: list[Json] = []
        self.freezes: list[Json] = []
        self.attempts: list[tuple[str, int]] = []
        self.account_freezes: dict[tuple[str, str], int] = {}
        self.allows: list[tuple[str, str, int]] = []
        self.times: dict[str, int] = {}
        self.known: list[Json] = []
        self.policies: dict[str, tuple[str, int]] = {}

    def payment(self, id: str) -> Json | None:
        return next((p for p in self.payments if p["ask"]["id"] == id), None)

    def row(self, id: str) -> Json | None:
        return next((r for r in self.rows if r["payout"]["id"] == id), None)

    def rows_of(self, payment: Json) -> list[Json]:
        return [r for r in self.rows if r["payment"] == payment["ask"]["id"]]

    def others(self, scope: str, own: list[str]) -> list[Json]:
        """All that counts in a scope except the payment under evaluation."""
        return [
            r
            for r in [r for r in self.rows if r["payout"]["id"] not in own] + self.doubles
            if scope in scopes_of(r["wallet"], [r["payout"]])
        ]

    def is_frozen(self, scope: str) -> bool:
        return any(f["scope"] == scope for f in self.freezes)

    def begin_series(self, scope: str) -> None:
        """A new freeze begins a new series of attempts."""
        if not self.is_frozen(scope):
            self.attempts = [a for a in self.attempts if a[0] != scope]

    def forget(self, id: str) -> None:
        """A payment of one payout that has gone on to another payment: its row tells of the other."""
        self.payments = [p for p in self.payments if p["ask"]["id"] != id or p["ask"]["form"] == "payment"]

    def freeze(self, scope: str, kind: str, cause: str, now: int) -> None:
        """An automatic kind is one row with a count; an operator's order stands for itself."""
        there = next((f for f in self.freezes if (f["scope"], f["kind"]) == (scope, kind)), None)
        if there is None or kind == "operator":
            self.freezes.append({"scope": scope, "kind": kind, "cause": cause, "last": now})
        else:
            there["last"] = max(there["last"], now)

    def redate(self, now: int, ahead: int) -> None:
        """The clock is right: what lies in the future of it happened now; what is counted may lie ahead a little."""
        self.times = {scope: min(at, now) for scope, at in self.times.items()}
        self.attempts = [(scope, min(at, now)) for scope, at in self.attempts]
        self.account_freezes = {key: min(at, now) for key, at in self.account_freezes.items()}
        self.allows = [(payment, scope, min(at, now)) for payment, scope, at in self.allows]
        for freeze in self.freezes:
            freeze["last"] = min(freeze["last"], now)
        for known in self.known:
            known["at"] = min(known["at"], now)
        for counted in self.rows + self.doubles + self.payments:
            if counted["at"] is not None:
                counted["at"] = min(counted["at"], now + ahead)
        for payment in self.payments:
            if payment["allowed_at"] is not None and payment["allowed_at"] > now:
                payment |= {"allowed_at": now, "answer": None}
