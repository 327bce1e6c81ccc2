"""What a person or a script is told of many seeds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cockpit.app.simulation.simulation import Outcome


@dataclass
class Summary:
    """Adds up outcomes; `elapsed` gives the seconds since the start."""

    elapsed: Callable[[], float]
    seeds: int = 0
    minutes: float = 0.0
    steps: int = 0
    sends: int = 0
    crashes: int = 0
    failures: list[Outcome] = field(default_factory=list[Outcome])

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.seeds += 1
        self.minutes += outcome.minutes
        self.steps += outcome.steps
        self.sends += outcome.sends
        self.crashes += outcome.lives - 1
        if not outcome.passed:
            self.failures.append(outcome)

    @property
    def text(self) -> str:
        """One line."""
        seconds = max(self.elapsed(), 1e-9)
        return (
            f"{self.seeds:,} seeds, {len(self.failures):,} failed; {self.minutes:,.0f} trading "
            f"minutes, {self.sends:,} orders sent, {self.crashes:,} crashes, {self.steps:,} steps "
            f"in {seconds:,.1f} s ({self.minutes / seconds:,.0f} trading minutes a second)"
        )

    def as_json(self) -> dict[str, Any]:
        """The same for a script."""
        return {
            "seeds": self.seeds,
            "failed": [failure_json(outcome) for outcome in self.failures],
            "trading_minutes": round(self.minutes, 1),
            "orders_sent": self.sends,
            "crashes": self.crashes,
            "steps": self.steps,
            "seconds": round(self.elapsed(), 3),
        }


def failure_json(outcome: Outcome) -> dict[str, Any]:
    """One seed that failed."""
    return {
        "seed": outcome.seed,
        "invariant": outcome.invariant,
        "text": outcome.text,
        "faults": list(outcome.kinds),
    }
