"""Suites of layer 5: the final decision on a withdrawal."""
