"""Compares the shipped conformance vectors with the restatement, or writes them.

`python3 -m shield_conformance check` exits with 1 and names the files that differ.
`python3 -m shield_conformance write` writes them; format the JSON with prettier afterwards.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from shield_conformance.suite import Json

ROOT = Path(__file__).resolve().parents[3]
MODULES = {
    "contract": "contract.documents",
    "quantum-wallet-guard": "quantum_wallet_guard.cases",
    "wallet-guardian": "wallet_guardian.documents",
}


def documents(package: str) -> Json:
    """The documents of one package by name. Imported on use: a module computes its cases as it loads."""
    return importlib.import_module(f"shield_conformance.{MODULES[package]}").documents()


def check(path: Any, document: Json) -> bool:
    """Whether a shipped file holds the same values in the same order."""
    try:
        shipped = json.dumps(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False
    return shipped == json.dumps(document)


def write(path: Any, document: Any) -> Any:
    path.write_text(json.dumps(document, ensure_ascii=True, indent=2) + "\n", encoding="ascii")


def main() -> int:
    parser = argparse.ArgumentParser(prog="shield_conformance", description=__doc__)
    parser.add_argument("command", choices=["check", "write"])
    parser.add_argument("package", nargs="*", help=f"one of {', '.join(MODULES)}; by default all")
    options = parser.parse_args()
    unknown = set(options.package) - set(MODULES)
    if unknown:
        parser.error(f"unknown package: {', '.join(sorted(unknown))}")
    differing = 0
    for package in options.package or MODULES:
        for name, document in documents(package).items():
            path = ROOT / "packages" / package / "vectors" / f"{name}.json"
            if options.command == "write":
                write(path, document)
            same = check(path, document)
            differing += not same
            cases = len(document.get("cases", document.get("clauses", [])))
            print(f"{package}/{name}: {cases} {'the same' if same else 'DIFFERENT'}")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
