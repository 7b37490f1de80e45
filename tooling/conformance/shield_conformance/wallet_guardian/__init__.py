"""Suites of layer 4: histories of withdrawals, claims, freezes and destinations."""
