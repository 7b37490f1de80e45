"""A suite of vectors: cases are added by hand-written calls, checked for unique ids, and written as JSON."""

import base64


class Suite:
    def __init__(self, name, source):
        self.name, self.source, self.cases = name, source, []

    def add(self, id, clause, title, input, expect, exact=False, config=None):
        assert all(case["id"] != id for case in self.cases), id
        case = {"id": id, "clause": clause, "title": title, "input": as_input(input)}
        if config is not None:
            case["config"] = config
        case["expect"] = expect
        if exact:
            case["exact"] = True
        self.cases.append(case)

    def document(self):
        return {
            "vectors_version": 1,
            "contract_version": 3,
            "suite": self.name,
            "source": self.source,
            "cases": self.cases,
        }


def as_input(input):
    """Text as it is, bytes as base64, a list of (text, times) as compact parts."""
    if isinstance(input, str):
        return {"text": input}
    if isinstance(input, bytes):
        return {"base64": base64.b64encode(input).decode("ascii")}
    return {"parts": [{"text": text, "times": times} for text, times in input]}


def refused(code, path=None):
    """A refusal; where the specification does not fix the path, none is expected."""
    return {"ok": False, "code": code} if path is None else {"ok": False, "code": code, "path": path}


def clauses_document(clauses, suites):
    """The document of the clauses; raises AssertionError unless the cases of the suites name each of them and no other."""
    used = {case["clause"] for suite in suites for case in suite.cases}
    assert used == set(clauses), (used - set(clauses), set(clauses) - used)
    listed = [{"id": id, "text": text} for id, text in clauses.items()]
    return {"vectors_version": 1, "contract_version": 3, "clauses": listed}
