"""The clock of one process: one that steps back or leaves the steady one behind is not trusted."""

from __future__ import annotations

import math


class Clock:
    def __init__(self, skew: int, at_ms: int, steady_ms: float | None) -> None:
        self.skew = skew
        # The latest trusted time, and where both clocks stood together.
        self.latest: int | None = None
        self.anchor: tuple[float, float] | None = None
        if steady_ms is not None:
            self.read(at_ms, steady_ms)

    def read(self, at_ms: int, steady_ms: float | None) -> tuple[int, bool]:
        """The time, and whether it is trusted."""
        self.wall, self.steady = at_ms, steady_ms
        latest = at_ms if self.latest is None else self.latest
        if at_ms < latest - self.skew:
            return latest, False
        anchor: tuple[float, float] | None
        if steady_ms is None:
            anchor = None
        elif self.anchor is None or steady_ms < self.anchor[1]:
            anchor = (at_ms, steady_ms)
        else:
            passed = steady_ms - self.anchor[1]
            off, drift = at_ms - (self.anchor[0] + passed), passed * 500e-6
            if at_ms > self.anchor[0] + passed + drift + self.skew:
                self.latest = max(latest, math.floor(self.anchor[0] + passed))
                return self.latest, False
            followed = self.anchor[0] + passed + min(drift, max(-drift, off))
            anchor = (at_ms if off < -self.skew else followed, steady_ms)
        self.latest, self.anchor = max(latest, at_ms), anchor
        return at_ms, True

    def accept(self) -> None:
        self.latest = self.wall
        self.anchor = None if self.steady is None else (self.wall, self.steady)
