"""Documents of the suites of layer 4.

The answers come from the reference model, which states section 7 of the design in another language and
shares no code with the package. Their gist is written by hand in each case, and so is every refusal of
malformed input.
"""

from __future__ import annotations

from shield_conformance.suite import Json
from shield_conformance.wallet_guardian.cases import claims, destinations, freezes, rules, scenarios

SUITES = (scenarios.suite, rules.suite, claims.suite, destinations.suite, freezes.suite)


def documents() -> Json:
    """Every document of `packages/wallet-guardian/vectors` by its name; raises AssertionError where model and hand differ."""
    differences = [difference for suite in SUITES for difference in suite.differences]
    assert not differences, "\n".join(differences)
    return {suite.name: suite.document() for suite in SUITES}
