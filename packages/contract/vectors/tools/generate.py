"""Writes the conformance vectors: `python3 generate.py`, then format the JSON with prettier.

This is an independent restatement of the specification, in another language and without any code of
the packages that it tests. Refusals, decisions, codes, paths and orders are written by hand in
`suites/`; canonical forms and hashes are computed by `jcs.py`, from RFC 8785.
"""

import importlib
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from clauses import CLAUSES  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent
MODULES = ["strict_json", "canonical", "amounts", "ratios", "levels", "envelope", "dqsn_evaluate", "dqsn_v2"]


def write(name, document):
    text = json.dumps(document, ensure_ascii=True, indent=2)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="ascii")


def main():
    used = set()
    for module in MODULES:
        suite = importlib.import_module(f"suites.{module}").suite
        used |= {case["clause"] for case in suite.cases}
        write(suite.name, suite.document())
        print(f"{suite.name}: {len(suite.cases)} cases")
    assert used == set(CLAUSES), (used - set(CLAUSES), set(CLAUSES) - used)
    clauses = [{"id": id, "text": text} for id, text in CLAUSES.items()]
    write("clauses", {"vectors_version": 1, "contract_version": 3, "clauses": clauses})


main()
