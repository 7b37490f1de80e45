"""Section 7 of the design once more, in Python, without any code of the packages: lists, whole numbers, brute force."""

import copy
import math
import sys
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "contract" / "vectors" / "tools"))
from jcs import canonical, sha256  # noqa: E402

DAY = 86_400
ORDER = ["ALLOW", "DELAY", "FREEZE", "REJECT"]
RISKS = ["LOW", "MEDIUM", "HIGH"]
MOST = 2**63 - 1


def row(*decisions):
    return dict(zip(RISKS, decisions))


TABLE = {
    "within_limits": row("ALLOW", "ALLOW", "ALLOW"),
    "cooldown_breach": row("DELAY", "DELAY", "REJECT"),
    "per_tx_limit": row("REJECT", "FREEZE", "REJECT"),
    "daily_limit": row("DELAY", "FREEZE", "FREEZE"),
    "window_limit": row("DELAY", "FREEZE", "FREEZE"),
    "wallet_frozen": row("REJECT", "REJECT", "REJECT"),
    "frozen_persistent_attempts": row("REJECT", "REJECT", "REJECT"),
}
LIMITS = {"max_per_tx": None, "max_24h": None, "windows": [], "cooldown_seconds": 0}
POLICY = {
    "high_risk_freeze": True,
    "release_freeze_at_low": "risk",
    "spike": None,
    "allow_valid_seconds": 60,
    "max_clock_jump_ms": 5_000,
    "allow_destinations": None,
    "deny_destinations": [],
}


def units(amount):
    return int(Decimal(str(amount)) * 10**8)


def text(amount_units):
    whole, rest = divmod(amount_units, 10**8)
    return f"{whole}.{rest:08d}".rstrip("0").rstrip(".")


def money(amount):
    return None if amount is None else text(units(amount))


def with_defaults(policy):
    """A policy with all its fields, amounts in their one notation."""

    def limits(given):
        windows = [{"seconds": w["seconds"], "max_amount": money(w.get("max_amount")), "max_count": w.get("max_count")} for w in given.get("windows", [])]
        return {
            "max_per_tx": money(given.get("max_per_tx")),
            "max_24h": money(given.get("max_24h")),
            "windows": windows,
            "cooldown_seconds": given.get("cooldown_seconds", 0),
        }

    further = policy.get("limits", {})
    scoped = {scope: limits(further[scope]) if scope in further else None for scope in ("account", "wallet", "global")}
    attempts = {"count": 3, "seconds": 1_800, **policy.get("persistent_attempts", {})}
    rest = {key: policy.get(key, value) for key, value in POLICY.items()}
    return {**limits(policy), "limits": scoped, **rest, "persistent_attempts": attempts, "table": {**TABLE, **policy.get("table", {})}}


class Guardian:
    def __init__(self, policy, at_ms, steady_ms):
        self.policy = with_defaults(policy)
        self.version = sha256(canonical(self.policy))
        self.rows, self.freezes, self.attempts, self.times = [], [], [], {}
        self.has_steady = steady_ms is not None
        # The latest trusted time, and where both clocks stood together.
        self.latest, self.anchor = None, None
        if self.has_steady:
            self.clock(at_ms, steady_ms)

    def clock(self, at_ms, steady_ms):
        """The time, and whether it is trusted: a clock that steps back or leaves the steady one behind is not."""
        self.wall, self.steady = at_ms, steady_ms
        skew = self.policy["max_clock_jump_ms"]
        latest = at_ms if self.latest is None else self.latest
        if at_ms < latest - skew:
            return latest, False
        if self.anchor is None or steady_ms < self.anchor[1]:
            anchor = (at_ms, steady_ms)
        else:
            passed = steady_ms - self.anchor[1]
            off, drift = at_ms - (self.anchor[0] + passed), passed * 500e-6
            if at_ms > self.anchor[0] + passed + drift + skew:
                self.latest = max(latest, math.floor(self.anchor[0] + passed))
                return self.latest, False
            followed = self.anchor[0] + passed + min(drift, max(-drift, off))
            anchor = (at_ms if off < -skew else followed, steady_ms)
        self.latest, self.anchor = max(latest, at_ms), anchor if self.has_steady else None
        return at_ms, True

    def stored(self, scopes):
        """The latest time that the locked scopes have seen."""
        locked = [s for s in scopes if self.limits(s)]
        rows = [r for r in self.rows if any(s in locked for s in scopes_of(r["ask"]))]
        times = [r[key] for r in rows for key in ("counted_at", "allowed_at") if r[key] is not None]
        return max([0] + times + [self.times.get(s, 0) for s in locked])

    def limits(self, scope):
        """Limits of a scope, its windows the day first; None where it has none."""
        kind = scope.split(":")[0]
        further = self.policy["limits"][kind]
        given = [self.policy] if kind == "wallet" else []
        given += [] if further is None else [further]
        if not given:
            return None
        days = [(DAY, g["max_24h"], None, "daily_limit") for g in given if g["max_24h"] is not None]
        more = [(w["seconds"], w["max_amount"], w["max_count"], "window_limit") for g in given for w in g["windows"]]
        windows = [(s, None if a is None else units(a), c, code) for s, a, c, code in days + more]
        per_tx = [units(g["max_per_tx"]) for g in given if g["max_per_tx"] is not None]
        return {"per_tx": per_tx[0] if per_tx else None, "windows": windows, "cooldown": max(g["cooldown_seconds"] for g in given)}

    def time(self, scopes, now):
        return max([now] + [self.times.get(s, 0) for s in scopes if self.limits(s)])

    def remember(self, scopes, now):
        self.times.update({s: now for s in scopes if self.limits(s)})

    def evaluate(self, now, trusted, ask, risk, finalize):
        scopes, skew = scopes_of(ask), self.policy["max_clock_jump_ms"]
        if not trusted or self.stored(scopes) > now + skew:
            return self.last_word({"decision": "REJECT", "reason_codes": ["clock_untrusted"], "final": False, "decided_at_ms": now, "retry_after_ms": 5_000}, finalize)
        clock, now = now, self.time(scopes, now)
        known = next((r for r in self.rows if r["ask"]["withdrawal_id"] == ask["withdrawal_id"]), None)
        refused = None
        if known and content(known["ask"]) != content(ask):
            refused = "content_changed"
        elif known and known["status"] == "committed":
            refused = "already_committed"
        elif known and self.stands(known, clock, risk):
            return self.again(known, scopes, now, clock, finalize)
        ruled = self.rule(ask, now, clock, risk, refused, known)
        said = valid_for(self.last_word(ruled, finalize), clock)
        self.remember(scopes, now)
        if refused is None:
            self.store(known, ask, said, ruled["decision"], risk)
        return said

    def stands(self, known, clock, risk):
        answer, longest = known["standing"], self.policy["allow_valid_seconds"] * 1_000 + self.policy["max_clock_jump_ms"]
        return (
            known["status"] == "reserved"
            and answer is not None
            and clock < answer["valid_until_ms"] <= clock + longest
            and not any(f["scope"] in scopes_of(known["ask"]) for f in self.freezes)
            and RISKS.index(risk) <= RISKS.index(known["risk"])
        )

    def again(self, known, scopes, now, clock, finalize):
        """The same answer, if the finalize hook still agrees; else it is in force no more."""
        said = self.last_word(known["standing"], finalize)
        if finalize is not None:
            self.remember(scopes, now)
        if said["final"]:
            return {**valid_for(said, clock), "repeated": True}
        known["standing"] = None
        return said

    def rule(self, ask, now, clock, risk, refused, known):
        scopes = scopes_of(ask)
        if risk == "LOW":
            lifted = {"risk": ["risk"], "all": ["risk", "limit"], "none": []}[self.policy["release_freeze_at_low"]]
            self.freezes = [f for f in self.freezes if f["scope"] not in scopes or f["kind"] not in lifted]
        first = self.findings(ask, units(ask["amount"]), now, risk, refused)
        before = [s for s in scopes if self.is_frozen(s)]
        frozen = [s for s in scopes if s in before or any(f.get("freezes") == s for f in first)]
        self.attempts = [a for a in self.attempts if a[0] not in frozen or a[0] in before]
        found = first + self.persistence(first, frozen, now, risk)
        decision = worst(found)
        if decision in ("FREEZE", "REJECT"):
            self.attempts += [(s, now) for s in frozen]
        codes = list(dict.fromkeys(f["code"] for f in found)) or ["within_limits"]
        said = {"decision": decision, "reason_codes": codes, "final": decision == "ALLOW", "decided_at_ms": now}
        said |= self.hints(ask, now, risk, found) if refused is None else {}
        if decision == "ALLOW":
            said["valid_until_ms"] = clock + self.policy["allow_valid_seconds"] * 1_000
        if refused == "already_committed":
            said["txid"] = known["txid"]
        return said | self.freeze(found, ask)

    def hints(self, ask, now, risk, found):
        if any("freezes" in f for f in found):
            return {"allowed_now": "0"}
        hints = {}
        passes = lambda amount, at: worst(self.findings(ask, amount, at, risk, None)) == "ALLOW"  # noqa: E731
        if not passes(MOST, now):
            low, high = 0, MOST
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if passes(middle, now) else (low, middle)
            hints["allowed_now"] = text(low)
        if worst(found) != "ALLOW":
            spans = {s for scope in scopes_of(ask) if self.limits(scope) for s in [self.limits(scope)["cooldown"]] + [w[0] for w in self.limits(scope)["windows"]]}
            starts = {t for r in self.rows for t in (r["counted_at"], r["allowed_at"]) if t is not None}
            moments = sorted(t + s * 1_000 for t in starts for s in spans if t + s * 1_000 > now)
            passing = next((m for m in moments if passes(units(ask["amount"]), m)), None)
            if passing is not None:
                hints["retry_after_ms"] = passing - now
        return hints

    def findings(self, ask, amount, now, risk, refused):
        table, scopes, found = self.policy["table"], scopes_of(ask), []
        wallet = "wallet:" + ask["wallet_id"]
        if refused:
            found.append({"code": refused, "decision": "REJECT"})
        places = [d["address"] for d in ask.get("destinations", [])]
        allowed = self.policy["allow_destinations"]
        if any(p in self.policy["deny_destinations"] for p in places) or (allowed is not None and (not places or any(p not in allowed for p in places))):
            found.append({"code": "destination_denied", "decision": "REJECT"})
        if any(self.is_frozen(s) for s in scopes):
            found.append({"code": "high_risk_lockdown" if risk == "HIGH" else "wallet_frozen", "decision": table["wallet_frozen"][risk]})
        if risk == "HIGH" and self.policy["high_risk_freeze"]:
            found.append({"code": "high_risk_freeze", "decision": "FREEZE", "freezes": wallet, "kind": "risk"})
        if table["within_limits"][risk] != "ALLOW":
            found.append(breach("elevated_risk", table["within_limits"][risk], wallet, "risk"))
        return found if refused else found + self.limit_findings(ask, amount, now, risk)

    def limit_findings(self, ask, amount, now, risk):
        table = self.policy["table"]
        limited = [(s, self.limits(s)) for s in scopes_of(ask) if self.limits(s)]
        found = [breach("per_tx_limit", table["per_tx_limit"][risk], s, "limit") for s, l in limited if l["per_tx"] is not None and amount > l["per_tx"]]
        for scope, limits in limited:
            for seconds, max_amount, max_count, code in limits["windows"]:
                kinds = ["allowed"] if risk == "LOW" else ["allowed", "asked"]
                counted = [r for r in self.others(ask, scope) if r["counts"] in kinds and now - r["counted_at"] < seconds * 1_000]
                total = sum(units(r["ask"]["amount"]) for r in counted)
                if max_amount is not None and amount > max_amount:
                    finding = breach(code, table[code][risk], scope, "limit")
                    found.append({**finding, "decision": "REJECT"})
                elif (max_amount is not None and total + amount > max_amount) or (max_count is not None and len(counted) + 1 > max_count):
                    found.append(breach(code, table[code][risk], scope, "limit"))
        for scope, limits in limited:
            if any(r["allowed_at"] is not None and now - r["allowed_at"] < limits["cooldown"] * 1_000 for r in self.others(ask, scope)):
                found.append({"code": "cooldown_breach", "decision": table["cooldown_breach"][risk]})
        return found

    def others(self, ask, scope):
        return [r for r in self.rows if r["ask"]["withdrawal_id"] != ask["withdrawal_id"] and scope in scopes_of(r["ask"])]

    def persistence(self, first, frozen, now, risk):
        rule = self.policy["persistent_attempts"]
        if worst(first) not in ("FREEZE", "REJECT"):
            return []
        counts = [len([a for a in self.attempts if a[0] == s and now - a[1] < rule["seconds"] * 1_000]) for s in frozen]
        code = "frozen_persistent_attempts"
        return [{"code": code, "decision": self.policy["table"][code][risk]}] if any(c + 1 >= rule["count"] for c in counts) else []

    def freeze(self, found, ask):
        had = {(f["scope"], f["kind"]) for f in self.freezes}
        causes = {"risk": "risk_high", "limit": "breach-" + sha256(canonical(ask["withdrawal_id"]))[:32]}
        for f in found:
            if "freezes" in f:
                entry = {"scope": f["freezes"], "kind": f["kind"], "cause": causes[f["kind"]]}
                self.freezes += [] if entry in self.freezes else [entry]
        news = [f for f in found if "freezes" in f and (f["freezes"], f["kind"]) not in had]
        if not news:
            return {}
        kinds = [f["kind"] for f in news]
        scopes = list(dict.fromkeys(f["freezes"] for f in news))
        return {"freeze": {"cause_id": causes["limit" if "limit" in kinds else "risk"], "scopes": scopes}}

    def is_frozen(self, scope):
        return any(f["scope"] == scope for f in self.freezes)

    def last_word(self, said, finalize):
        if finalize == "refuse":
            return {**said, "final": False}
        if finalize != "throw":
            return said
        kept = {key: value for key, value in said.items() if key in ("decided_at_ms", "txid", "freeze")}
        codes = [c for c in said["reason_codes"] if c != "within_limits"] + ["finalize_failed"]
        return {"decision": "REJECT", "reason_codes": codes, "final": False, **kept}

    def store(self, known, ask, said, ruled, risk):
        now = said["decided_at_ms"]
        if known is None:
            known = {"ask": copy.deepcopy(ask), "status": "open", "counts": "nothing", "counted_at": None, "allowed_at": None, "txid": None}
            self.rows.append(known)
        known["standing"] = None
        if said["final"]:
            known |= {"status": "reserved", "counts": "allowed", "counted_at": now, "allowed_at": now, "standing": {k: v for k, v in said.items() if k != "valid_for_ms"}, "risk": risk}
        elif ruled == "DELAY" and known["status"] != "reserved":
            known |= {"counts": "asked", "counted_at": now}

    def settle_time(self, scopes, now, trusted):
        """What is settled is recorded whatever the clock is worth: the time to record, and the clock, None where it is not trusted."""
        at = max(now, self.stored(scopes))
        return at, now if trusted and at <= now + self.policy["max_clock_jump_ms"] else None

    def settle(self, now, trusted, id, change):
        known = next((r for r in self.rows if r["ask"]["withdrawal_id"] == id), None)
        if known is None:
            return {"accepted": False, "reason_codes": ["unknown_withdrawal"]}
        now, clock = self.settle_time(scopes_of(known["ask"]), now, trusted)
        accepted, codes, changes = change(known, now, now if clock is None else clock)
        if changes is not None:
            known |= changes
            if clock is not None:
                self.remember(scopes_of(known["ask"]), now)
        told = accepted or codes[0] in ("already_committed", "txid_conflict")
        state = {"status": known["status"]} | ({"txid": known["txid"]} if known["txid"] else {}) if told else {}
        return {"accepted": accepted, "reason_codes": codes} | state

    def commit(self, now, trusted, id, txid):
        def change(known, at, clock):
            if known["status"] == "committed":
                return (True, [], None) if known["txid"] == txid else (False, ["txid_conflict"], None)
            answer = known["standing"] if known["status"] == "reserved" else None
            late = answer is None or clock >= answer["valid_until_ms"]
            moved = {"counted_at": at} if late else {}
            return True, ["late_commit"] if late else [], {"status": "committed", "counts": "allowed", "txid": txid, "standing": None, **moved}

        return self.settle(now, trusted, id, change)

    def replace(self, now, trusted, id, txid):
        def change(known, _, __):
            if known["status"] != "committed":
                return False, ["not_committed"], None
            return True, [], None if known["txid"] == txid else {"txid": txid}

        return self.settle(now, trusted, id, change)

    def release(self, now, trusted, id):
        def change(known, _, __):
            status = known["status"]
            if status == "released":
                return True, [], None
            if status != "reserved":
                return False, ["already_committed" if status == "committed" else "not_reserved"], None
            return True, [], {"status": "released", "counts": "nothing", "standing": None}

        return self.settle(now, trusted, id, change)

    def freeze_scope(self, now, trusted, kind, id):
        scope = kind if kind == "global" else f"{kind}:{id}"
        now, clock = self.settle_time([scope], now, trusted)
        if not self.is_frozen(scope):
            self.attempts = [a for a in self.attempts if a[0] != scope]
        self.freezes.append({"scope": scope, "kind": "operator", "cause": f"operator {now}"})
        if clock is not None:
            self.remember([scope], now)
        return {"accepted": True, "reason_codes": []}

    def unfreeze(self, now, trusted, kind, id):
        scope = kind if kind == "global" else f"{kind}:{id}"
        gone = [f for f in self.freezes if (f["cause"] == id if kind == "cause" else f["scope"] == scope)]
        if not gone:
            return {"accepted": False, "reason_codes": ["not_frozen"]}
        now, clock = self.settle_time([] if kind == "cause" else [scope], now, trusted)
        if kind != "cause" and clock is not None:
            self.remember([scope], now)
        self.freezes = [f for f in self.freezes if f not in gone]
        return {"accepted": True, "reason_codes": []}

    def accept_clock(self):
        """The wall clock is right: what lies in the future of it happened now."""
        self.latest, self.anchor = self.wall, (self.wall, self.steady) if self.has_steady else None
        self.times = {scope: min(at, self.wall) for scope, at in self.times.items()}
        self.attempts = [(scope, min(at, self.wall)) for scope, at in self.attempts]
        for row in self.rows:
            if row["allowed_at"] is not None and row["allowed_at"] > self.wall:
                row |= {"standing": None, "allowed_at": self.wall}
            if row["counted_at"] is not None:
                row["counted_at"] = min(row["counted_at"], self.wall)
        return {"accepted": True, "reason_codes": []}


def valid_for(said, clock):
    """A final ALLOW says how long it is still valid."""
    return {**said, "valid_for_ms": said["valid_until_ms"] - clock} if said["final"] else said


def breach(code, decision, scope, kind):
    return {"code": code, "decision": decision} | ({"freezes": scope, "kind": kind} if decision == "FREEZE" else {})


def scopes_of(ask):
    return (["account:" + ask["account_id"]] if "account_id" in ask else []) + ["wallet:" + ask["wallet_id"], "global"]


def content(ask):
    destinations = [(d["address"], units(d["amount"])) for d in ask.get("destinations", [])]
    return ask["wallet_id"], ask.get("account_id"), units(ask["amount"]), destinations


def worst(found):
    return max((f["decision"] for f in found), key=ORDER.index, default="ALLOW")


def play(history):
    """The answers to a history. A step with `expect` is malformed: its answer is written by hand, and nothing happens."""
    steps = history["steps"]
    steady = (lambda s: s.get("steady_ms", s["at_ms"])) if history.get("monotonic") else (lambda s: None)
    guardian = Guardian(history["policy"], steps[0]["at_ms"], steady(steps[0]))
    return {"policy_version": guardian.version, "answers": [step_of(guardian, s, steady(s)) for s in steps]}


def step_of(guardian, step, steady):
    now, trusted = guardian.clock(step["at_ms"], steady)
    if "expect" in step:
        return {"decision": "REJECT", "final": False, "decided_at_ms": now, **step["expect"]}
    if "evaluate" in step:
        return guardian.evaluate(now, trusted, step["evaluate"], step["risk"], step.get("finalize"))
    if "commit" in step:
        return guardian.commit(now, trusted, step["commit"], step["txid"])
    if "replace" in step:
        return guardian.replace(now, trusted, step["replace"], step["txid"])
    if "release" in step:
        return guardian.release(now, trusted, step["release"])
    if "freeze" in step:
        return guardian.freeze_scope(now, trusted, step["freeze"]["scope"], step["freeze"]["id"])
    if "unfreeze" in step:
        return guardian.unfreeze(now, trusted, step["unfreeze"]["scope"], step["unfreeze"]["id"])
    return guardian.accept_clock()
