"""Writes the conformance vectors: `python3 generate.py`, then format the JSON with prettier.

The answers come from `restatement.py`, which states section 7 of the design in another language and
shares no code with the package; their gist is written by hand in each case, and so is every refusal of
malformed input.
"""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import rules  # noqa: E402
import scenarios  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent

for suite in (scenarios.suite, rules.suite):
    text = json.dumps(suite.document(), ensure_ascii=True, indent=2)
    (FOLDER / f"{suite.name}.json").write_text(text + "\n", encoding="ascii")
    print(f"{suite.name}: {len(suite.cases)} cases")
