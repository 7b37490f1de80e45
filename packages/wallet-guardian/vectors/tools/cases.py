"""Short ways to write histories down. Minutes and seconds are counted from 2026-06-28T16:40:05Z."""

import json

from restatement import play

START = 1_782_664_805_000
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
TXID, OTHER_TXID = "ab" * 32, "cd" * 32


def ask(at, id, amount, risk="LOW", finalize=None, expect=None, steady=None, **fields):
    """A request; `fields` replace those of the withdrawal, and None takes one away."""
    withdrawal = {"withdrawal_id": id, "wallet_id": "hot-1", "amount": amount, **fields}
    step = {"at_ms": START + at, "evaluate": {k: v for k, v in withdrawal.items() if v is not None}, "risk": risk}
    return step | {k: v for k, v in {"finalize": finalize, "expect": expect, "steady_ms": steady}.items() if v is not None}


def act(at, what, value, **more):
    return {"at_ms": START + at, what: value, **more}


class Suite:
    def __init__(self, name, source):
        self.name, self.source, self.cases = name, source, []

    def add(self, id, clause, title, policy, steps, said, monotonic=False):
        """A case; `said` is the gist of each answer, by hand: the restatement has to come to the same."""
        assert all(case["id"] != id for case in self.cases), id
        history = {"policy": policy, **({"monotonic": True} if monotonic else {}), "steps": steps}
        expect = play(history)
        gist = [gist_of(a) for a in expect["answers"]]
        assert gist == said, (id, gist)
        asked = {**history, "steps": [{k: v for k, v in s.items() if k != "expect"} for s in steps]}
        text = json.dumps(asked, ensure_ascii=True, separators=(",", ":"))
        self.cases.append({"id": id, "clause": clause, "title": title, "input": {"text": text}, "expect": expect, "exact": True})

    def document(self):
        return {"vectors_version": 1, "contract_version": 3, "suite": self.name, "source": self.source, "cases": self.cases}


def gist_of(answer):
    """Decision and codes; `not final` where the caller's last word refused an ALLOW."""
    if "accepted" in answer:
        return " ".join(["accepted" if answer["accepted"] else "refused", *answer["reason_codes"]])
    hint = [] if answer["final"] or answer["decision"] != "ALLOW" else ["(not final)"]
    return " ".join([answer["decision"], *[c for c in answer["reason_codes"] if c != "within_limits"], *hint])
