"""How a person wants a recap exported, and how an export is called off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


def _nobody(_words: str) -> None: ...


@dataclass(eq=False)
class Halt:
    """Called off from the loop, looked at by the thread that writes."""

    asked: bool = False

    def heed(self) -> None:
        """Raise CalledOffError when it was asked for."""
        if self.asked:
            raise CalledOffError


class CalledOffError(Exception):  # stays between thread and loop
    """The person thought better of it; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a recap is to be exported.

    `private` hides amounts, sizes and accounts, and shows R and percents. `notes` are the trader's
    own words, there only when asked for. `told` hears how far it is, from the writing thread.
    """

    private: bool = False
    notes: Sequence[str] = ()
    told: Callable[[str], None] = _nobody
    halt: Halt = field(default_factory=Halt)
