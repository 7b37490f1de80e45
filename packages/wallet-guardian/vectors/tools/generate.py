"""Writes the conformance vectors: `python3 generate.py`, then format the JSON with prettier.

The answers come from `restatement.py`, which states section 7 of the design in another language and
shares no code with the package; their gist is written by hand in each case, and so is every refusal of
malformed input.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import claims  # noqa: E402
import freezes_cases  # noqa: E402
import places_cases  # noqa: E402
import rules  # noqa: E402
import scenarios  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent

SUITES = (scenarios.suite, rules.suite, claims.suite, places_cases.suite, freezes_cases.suite)
differences = [difference for suite in SUITES for difference in suite.differences]
if differences:
    sys.exit("\n".join(differences))

for suite in SUITES:
    text = json.dumps(suite.document(), ensure_ascii=True, indent=2)
    (FOLDER / f"{suite.name}.json").write_text(text + "\n", encoding="ascii")
    print(f"{suite.name}: {len(suite.cases)} cases")
