"""Documents of the suites of the contract and of DQSN."""

from __future__ import annotations

from shield_conformance.contract.clauses import CLAUSES
from shield_conformance.contract.suites import (
    amounts,
    canonical,
    dqsn_evaluate,
    dqsn_v2,
    envelope,
    levels,
    ratios,
    strict_json,
)
from shield_conformance.suite import Json, clauses_document

MODULES = (strict_json, canonical, amounts, ratios, levels, envelope, dqsn_evaluate, dqsn_v2)


def documents() -> Json:
    """Every document of `packages/contract/vectors` by its name; raises AssertionError where a clause has no case."""
    suites = [module.suite for module in MODULES]
    return {suite.name: suite.document() for suite in suites} | {"clauses": clauses_document(CLAUSES, suites)}
