"""The one scale: scores, tiers, levels, advisories and decisions (design, section 2; contract v3, section 5)."""

from __future__ import annotations

import json

from shield_conformance.suite import Json, Suite

suite = Suite("levels", "design, section 2, one scale; contract v3, section 5")
SCALE = "design, section 2: one scale"
WORST = "design, section 4.1: result"

LOW = {"tier": "LOW", "level": "normal", "guardian_risk": "LOW", "decision": "ALLOW"}
MEDIUM = {"tier": "MEDIUM", "level": "elevated", "guardian_risk": "MEDIUM", "decision": "WARN"}
HIGH = {"tier": "HIGH", "level": "high", "guardian_risk": "HIGH", "decision": "BLOCK"}
CRITICAL = {"tier": "CRITICAL", "level": "critical", "guardian_risk": "HIGH", "decision": "BLOCK"}


def add(id: str, clause: str, title: str, question: Json, answer: Json) -> None:
    suite.add(id, clause, title, json.dumps(question), {"ok": True, **answer})


for score, row in [
    (0, LOW), (0.1, LOW), (0.24999999999999997, LOW), (0.25, MEDIUM), (0.5, MEDIUM), (0.5999999999999999, MEDIUM),
    (0.6, HIGH), (0.75, HIGH), (0.8999999999999999, HIGH), (0.9, CRITICAL), (0.95, CRITICAL), (1, CRITICAL),
]:
    add(f"score-{score}", SCALE, f"a score of {score} is {row['tier']}", {"score": score}, row)

for advisory, level, risk in [
    ("NORMAL", "normal", "LOW"), ("UNKNOWN", "elevated", "MEDIUM"), ("ELEVATED", "elevated", "MEDIUM"),
    ("CRITICAL_LOCAL", "elevated", "MEDIUM"), ("CRITICAL_GLOBAL", "critical", "HIGH"),
]:
    add(f"advisory-{advisory}", "design, section 2: the scale read the other way", f"{advisory} is {level}, {risk}", {"advisory": advisory}, {"level": level, "guardian_risk": risk})

for decisions, worst in [
    (["ALLOW"], "ALLOW"), (["WARN", "ALLOW"], "WARN"), (["ALLOW", "BLOCK", "WARN"], "BLOCK"), (["WARN", "BLOCK"], "BLOCK"),
]:
    add("worst-" + "-".join(decisions), WORST, f"the worst of {', '.join(decisions)} is {worst}", {"decisions": decisions}, {"decision": worst})
for decisions in (["ERROR"], ["ALLOW", "ERROR"], ["ERROR", "BLOCK", "WARN"]):
    add("worst-" + "-".join(decisions), "contract v3, section 5.3", f"the worst of {', '.join(decisions)} is BLOCK: an ERROR counts as BLOCK", {"decisions": decisions}, {"decision": "BLOCK"})
for name, answer in [("decisions", {"decision": "BLOCK"}), ("tiers", {"tier": "CRITICAL"}), ("levels", {"level": "critical"})]:
    add(f"worst-of-no-{name}", "design, section 2: absence of evidence", f"the worst of no {name} is the worst there is", {name: []}, answer)
for tiers, worst in [(["LOW", "LOW"], "LOW"), (["MEDIUM", "LOW"], "MEDIUM"), (["HIGH", "CRITICAL", "LOW"], "CRITICAL"), (["LOW", "HIGH", "MEDIUM"], "HIGH")]:
    add("worst-" + "-".join(tiers), WORST, f"the worst of {', '.join(tiers)} is {worst}", {"tiers": tiers}, {"tier": worst})
for levels, worst in [(["normal", "elevated"], "elevated"), (["high", "normal", "elevated"], "high"), (["elevated", "critical", "high"], "critical")]:
    add("worst-" + "-".join(levels), SCALE, f"the worst of {', '.join(levels)} is {worst}", {"levels": levels}, {"level": worst})
