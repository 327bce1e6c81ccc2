"""What a trigger waits for: conditions as data, each with the few figures it must remember.

A condition is written as a sentence: `crosses 160`, `crosses up ema:20`, `touches 160 0.05`,
`moves 3%`, `volume 4x 20`, `spread 0.5%`, `after 09:45`, joined by ` and ` or ` or ` (and
binds closer).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import time
from typing import NamedTuple, Protocol

from cockpit.domain.market import Bar
from cockpit.domain.values import NEW_YORK, utc
from cockpit.market.errors import WordsError
from cockpit.market.indicators import INDICATORS, indicator


class Look(NamedTuple):
    """What is seen of one symbol at one moment; None for what is not known.

    `price` is the mid of a quote or the price of a print, `reference` what the day's change
    is measured from, `bar` the one that has just closed.
    """

    now_ns: int
    price: float | None = None
    spread_fraction: float | None = None
    reference: float | None = None
    bar: Bar | None = None


class Watch(Protocol):
    """One condition being watched; remembers what it needs. `by_bars` says that it needs bars."""

    @property
    def by_bars(self) -> bool: ...  # noqa: D102 -- as of the class

    def holds(self, look: Look) -> bool:
        """True when it holds at this look."""
        ...

    def learn(self, bars: Sequence[Bar]) -> None:
        """Know these bars, oldest first, in the place of those looked at so far."""
        ...


class _Plain:
    """One that needs no bars."""

    by_bars = False

    def learn(self, bars: Sequence[Bar]) -> None:
        """As in `Watch`."""


class _Crosses:
    """The price was on one side of the level and is on the other now, or on it."""

    def __init__(self, level: float | None, way: str, name: str = "") -> None:
        self._level, self._way, self._name = level, way, name
        self.by_bars = bool(name)
        self._indicator = indicator(name) if name else None
        self._side = 0

    def learn(self, bars: Sequence[Bar]) -> None:
        """As in `Watch`; which side the price is on has to be seen anew."""
        if self._indicator is not None:
            self._indicator, self._level, self._side = indicator(self._name), None, 0
            for bar in bars:
                self._level = self._indicator.update(bar)

    def holds(self, look: Look) -> bool:
        """As in `Watch`."""
        if self._indicator is not None and look.bar is not None:
            self._level = self._indicator.update(look.bar)
        if look.price is None or self._level is None:
            return False
        side = 1 if look.price >= self._level else -1
        if look.price == self._level and self._side > 0:
            side = -1 if self._way == "down" else 1
        before, self._side = self._side, side
        if before in {0, side}:
            return False
        return self._way == "either" or (self._way == "up") == (side > 0)


class _Touches(_Plain):
    """Within so much of the level; without a price it stays as it was."""

    def __init__(self, level: float, within: float) -> None:
        self._level, self._within = level, within
        self._holds = False

    def holds(self, look: Look) -> bool:
        """As in `Watch`."""
        if look.price is not None:
            self._holds = abs(look.price - self._level) <= self._within + 1e-9
        return self._holds


class _Moves(_Plain):
    """So far from the reference, up or down; without either it stays as it was."""

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction
        self._holds = False

    def holds(self, look: Look) -> bool:
        """As in `Watch`."""
        if look.price is not None and look.reference:
            self._holds = abs(look.price / look.reference - 1) >= self._fraction - 1e-12
        return self._holds


class _Surge:
    """A bar's volume against the mean of those before it."""

    by_bars = True

    def __init__(self, times: float, bars: int) -> None:
        self._times = times
        self._before: deque[float] = deque(maxlen=bars)
        self._holds = False

    def learn(self, bars: Sequence[Bar]) -> None:
        """As in `Watch`; a surge that is over is none."""
        self._before.clear()
        self._before.extend(bar.volume for bar in bars[-(self._before.maxlen or 1) :])
        self._holds = False

    def holds(self, look: Look) -> bool:
        """As in `Watch`; stays as it is until the next bar."""
        if look.bar is not None:
            full = len(self._before) == self._before.maxlen
            usual = sum(self._before) / len(self._before) if full else float("inf")
            self._holds = look.bar.volume >= self._times * usual
            self._before.append(look.bar.volume)
        return self._holds


class _Spread(_Plain):
    """(ask - bid) / mid of at least so much; between quotes it stays as it was."""

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction
        self._holds = False

    def holds(self, look: Look) -> bool:
        """As in `Watch`."""
        if look.spread_fraction is not None:
            self._holds = look.spread_fraction >= self._fraction
        return self._holds


class _After(_Plain):
    def __init__(self, at: time) -> None:
        self._at = at

    def holds(self, look: Look) -> bool:
        """As in `Watch`; New York time, from then on to midnight."""
        return utc(look.now_ns).astimezone(NEW_YORK).time() >= self._at


class _Joined:
    def __init__(self, parts: Sequence[Watch]) -> None:
        self._parts = parts
        self.by_bars = any(part.by_bars for part in parts)

    def learn(self, bars: Sequence[Bar]) -> None:
        """As in `Watch`."""
        for part in self._parts:
            part.learn(bars)


class _All(_Joined):
    def holds(self, look: Look) -> bool:
        """As in `Watch`; each part looks, as each may have to remember."""
        held = [part.holds(look) for part in self._parts]
        return all(held)


class _Any(_Joined):
    def holds(self, look: Look) -> bool:
        """As in `Watch`; each part looks, as each may have to remember."""
        held = [part.holds(look) for part in self._parts]
        return any(held)


_NUMBER = r"(\d{1,9}(?:\.\d{1,9})?)"
_WAY = r"(?:(up|down) )?"
_STUDY = rf"((?:{'|'.join(INDICATORS)})(?::\d{{1,4}})?)"
_FORMS: tuple[tuple[str, Callable[[re.Match[str]], Watch]], ...] = (
    (rf"crosses {_WAY}{_NUMBER}", lambda m: _Crosses(_positive(m[2]), m[1] or "either")),
    (rf"crosses {_WAY}{_STUDY}", lambda m: _Crosses(None, m[1] or "either", m[2])),
    (rf"touches {_NUMBER} {_NUMBER}", lambda m: _Touches(_positive(m[1]), float(m[2]))),
    (rf"moves {_NUMBER}%", lambda m: _Moves(_positive(m[1]) / 100)),
    (rf"volume {_NUMBER}x ([1-9]\d{{0,3}})", lambda m: _Surge(_positive(m[1]), int(m[2]))),
    (rf"spread {_NUMBER}%", lambda m: _Spread(_positive(m[1]) / 100)),
    (r"after (\d\d:\d\d)", lambda m: _After(time.fromisoformat(m[1]))),
)


def watch(sentence: str) -> Watch:
    """A fresh watch of a condition. Raises WordsError naming the part that is none."""
    either = [
        _all([_one(part) for part in each.split(" and ")])
        for each in _plain(sentence).split(" or ")
    ]
    return either[0] if len(either) == 1 else _Any(either)


def _all(parts: list[Watch]) -> Watch:
    return parts[0] if len(parts) == 1 else _All(parts)


def _one(part: str) -> Watch:
    for form, make in _FORMS:
        found = re.fullmatch(form, part)
        if found is not None:
            try:
                return make(found)
            except ValueError:
                break
    raise WordsError(
        f"condition {part!r}",
        user_text=f"{part!r} is no condition. Write crosses 160, crosses up ema:20, "
        "touches 160 0.05, moves 3%, volume 4x 20, spread 0.5% or after 09:45, "
        "joined by and / or.",
    )


def _plain(sentence: str) -> str:
    return " ".join(sentence.lower().split())


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise ValueError(text)
    return value
