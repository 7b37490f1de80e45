"""Suites of the contract and of DQSN."""
