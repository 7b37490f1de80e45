"""A suite of vectors: cases are added by hand-written calls, checked for unique ids, and written as JSON."""

from __future__ import annotations

import base64
from typing import Any

Json = dict[str, Any]


class Suite:
    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source
        self.cases: list[Json] = []

    def add(
        self,
        id: str,
        clause: str,
        title: str,
        input: Any,
        expect: Json,
        exact: bool = False,
        config: Json | None = None,
    ) -> None:
        assert all(case["id"] != id for case in self.cases), id
        case: Json = {"id": id, "clause": clause, "title": title, "input": as_input(input)}
        if config is not None:
            case["config"] = config
        case["expect"] = expect
        if exact:
            case["exact"] = True
        self.cases.append(case)

    def document(self) -> Json:
        return {
            "vectors_version": 1,
            "contract_version": 3,
            "suite": self.name,
            "source": self.source,
            "cases": self.cases,
        }


def as_input(input: Any) -> Json:
    """Text as it is, bytes as base64, a list of (text, times) as compact parts."""
    if isinstance(input, str):
        return {"text": input}
    if isinstance(input, bytes):
        return {"base64": base64.b64encode(input).decode("ascii")}
    return {"parts": [{"text": text, "times": times} for text, times in input]}


def refused(code: str, path: str | None = None) -> Json:
    """A refusal; where the specification does not fix the path, none is expected."""
    return {"ok": False, "code": code} if path is None else {"ok": False, "code": code, "path": path}


def clauses_document(clauses: Json, suites: Any) -> Json:
    """The document of the clauses; raises AssertionError unless the cases of the suites name each of them and no other."""
    used = {case["clause"] for suite in suites for case in suite.cases}
    assert used == set(clauses), (used - set(clauses), set(clauses) - used)
    listed = [{"id": id, "text": text} for id, text in clauses.items()]
    return {"vectors_version": 1, "contract_version": 3, "clauses": listed}
