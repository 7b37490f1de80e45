"""The clock of one process: one that steps back or leaves the steady one behind is not trusted."""

import math


class Clock:
    def __init__(self, skew, at_ms, steady_ms):
        self.skew, self.has_steady = skew, steady_ms is not None
        # The latest trusted time, and where both clocks stood together.
        self.latest, self.anchor = None, None
        if self.has_steady:
            self.read(at_ms, steady_ms)

    def read(self, at_ms, steady_ms):
        """The time, and whether it is trusted."""
        self.wall, self.steady = at_ms, steady_ms
        latest = at_ms if self.latest is None else self.latest
        if at_ms < latest - self.skew:
            return latest, False
        if self.anchor is None or steady_ms < self.anchor[1]:
            anchor = (at_ms, steady_ms)
        else:
            passed = steady_ms - self.anchor[1]
            off, drift = at_ms - (self.anchor[0] + passed), passed * 500e-6
            if at_ms > self.anchor[0] + passed + drift + self.skew:
                self.latest = max(latest, math.floor(self.anchor[0] + passed))
                return self.latest, False
            followed = self.anchor[0] + passed + min(drift, max(-drift, off))
            anchor = (at_ms if off < -self.skew else followed, steady_ms)
        self.latest, self.anchor = max(latest, at_ms), anchor if self.has_steady else None
        return at_ms, True

    def accept(self):
        self.latest, self.anchor = self.wall, (self.wall, self.steady) if self.has_steady else None
