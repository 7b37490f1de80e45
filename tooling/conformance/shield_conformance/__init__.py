"""Independent restatement of the specification, from which the conformance vectors are generated.

Shares no code with the TypeScript packages and uses the standard library alone. Expected decisions, codes
and paths are written by hand in the cases; canonical forms and hashes are computed by `jcs`.
"""
