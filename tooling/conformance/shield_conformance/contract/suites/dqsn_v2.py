"""v2 signals: the network picture of DQSN v2, through its adapter (contract v3, section 9; DQSN v2, sections 2 and 5)."""

from __future__ import annotations

import json
from typing import Any

from shield_conformance.suite import Json, Suite

suite = Suite("dqsn-v2", "contract v3, section 9; DQSN v2, sections 2 and 5; design, section 4.2")
LOCKED, ADAPTER, BYPASS = "contract v3, section 9.2", "contract v3, section 9.1", "contract v3, section 9.3"


def report(node: str, severity: Any, source: str="sentinel", type: str="block_stall", **over: Any) -> Json:
    return {"node_id": node, "source": source, "type": type, "severity": severity, **over}


def add(id: str, clause: str, title: str, signals: list[Json], **expect: Any) -> None:
    suite.add(id, clause, title, json.dumps(signals), {"ok": True, "refused": [], **expect})


SEED = [report("node-a", 0.8), report("node-b", 0.75), report("node-c", 0.9, "adn", "lockdown")]
add("functional-test", LOCKED, "the functional test of DQSN v2: three critical nodes", SEED, level="CRITICAL_GLOBAL")
add("functional-test-reversed", LOCKED, "the same in another order", SEED[::-1], level="CRITICAL_GLOBAL")
add("two-critical", LOCKED, "two nodes at 0.60 are a quorum", [report("a", 0.6), report("b", 0.6)], level="CRITICAL_GLOBAL", score=0.6)
add("lone-critical", LOCKED, "one true alarm is not averaged away, one liar cannot do more", [report("a", 1), report("b", 0), report("c", 0)], level="CRITICAL_LOCAL")
add("lone-critical-alone", LOCKED, "a lone reporter's score is capped at 0.59", [report("a", 1)], level="CRITICAL_LOCAL", score=0.59)
add("one-node-twice", LOCKED, "two reports of one node are one reporter", [report("a", 0.9), report("a", 0.9, "adn", "lockdown")], level="CRITICAL_LOCAL")
add("elevated", LOCKED, "0.25 is ELEVATED", [report("a", 0.25)], level="ELEVATED", score=0.25)
add("normal", LOCKED, "below 0.25 is NORMAL", [report("a", 0.2), report("b", 0.1)], level="NORMAL")
add("silence", LOCKED, "nobody reports: UNKNOWN, with a score of at least 0.25", [], level="UNKNOWN", score=0.25)

for id, signal in [
    ("severity-high", report("b", 1.5)), ("severity-negative", report("b", -0.1)), ("severity-text", report("b", "0.1")), ("severity-null", report("b", None)), ("source", report("b", 0.1, "somebody")), ("unknown-field", report("b", 0.1, note="x")), ("node-empty", report("", 0.1)),
]:
    add(f"refused-{id}", BYPASS, f"refuses, does not clamp or repair: {id.replace('-', ' ')}", [report("a", 0.1), signal], refused=[1])
for field in ("node_id", "source", "type", "severity"):
    add(f"refused-without-{field}", ADAPTER, f"refuses a signal without {field}", [{k: v for k, v in report("b", 0.1).items() if k != field}, report("a", 0.1)], refused=[0])
