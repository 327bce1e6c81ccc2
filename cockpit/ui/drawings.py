"""Lines that a person drew on charts, kept by symbol; a damaged file never stops the start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog
from PySide6.QtCore import QObject, Signal

_log = structlog.get_logger(__name__)
FILE = "drawings.json"
_UNDONE = 50


class Anchor(msgspec.Struct, frozen=True):
    """One end of a trend line: a moment (epoch seconds, UTC) and a price."""

    ts: float
    price: float

    @property
    def sound(self) -> bool:
        """True for what a chart can show."""
        return math.isfinite(self.ts) and math.isfinite(self.price) and self.price > 0


class TrendLine(msgspec.Struct, frozen=True):
    """A straight line from `a` to `b`, and beyond `b` to the right edge when `extended`."""

    a: Anchor
    b: Anchor
    extended: bool = False

    @property
    def sound(self) -> bool:
        """True for what a chart can show: two points."""
        return self.a.sound and self.b.sound and self.a != self.b


class Kept(msgspec.Struct, frozen=True):
    """What the file holds, by symbol: prices of horizontal lines, and trend lines."""

    version: int = 1
    lines: dict[str, list[float]] = msgspec.field(default_factory=dict[str, list[float]])
    trends: dict[str, list[TrendLine]] = msgspec.field(default_factory=dict[str, list[TrendLine]])


class _Drawn(msgspec.Struct, frozen=True):
    """All that stands on one symbol."""

    levels: tuple[float, ...] = ()
    trends: tuple[TrendLine, ...] = ()


_NOTHING = _Drawn()


class Drawings(QObject):
    """The lines of all symbols; `changed` until somebody has written them.

    What is done to them can be taken back, symbol by symbol, until the program ends. `drawn`
    carries the symbol whose lines are other ones now.
    """

    drawn = Signal(str)

    def __init__(
        self,
        lines: dict[str, list[float]] | None = None,
        trends: dict[str, list[TrendLine]] | None = None,
    ) -> None:
        super().__init__()
        levels, sloped = lines or {}, trends or {}
        self._drawn = {
            symbol: _Drawn(
                tuple(price for price in levels.get(symbol, ()) if price > 0),
                tuple(line for line in sloped.get(symbol, ()) if line.sound),
            )
            for symbol in {*levels, *sloped}
        }
        self._before: dict[str, list[_Drawn]] = {}
        self.changed = False

    def of(self, symbol: str) -> Sequence[float]:
        """The prices of its horizontal lines, in the order in which they were drawn."""
        return self._drawn.get(symbol, _NOTHING).levels

    def trends(self, symbol: str) -> Sequence[TrendLine]:
        """Its trend lines, in the order in which they were drawn."""
        return self._drawn.get(symbol, _NOTHING).trends

    def add(self, symbol: str, price: float) -> None:
        """Draw a line; one that is there already stays alone."""
        lines = self.of(symbol)
        if price > 0 and price not in lines:
            self._put(symbol, levels=(*lines, price))

    def move(self, symbol: str, before: float, after: float) -> None:
        """Draw it elsewhere."""
        rest = tuple(price for price in self.of(symbol) if price not in (before, after))
        self._put(symbol, levels=(*rest, after) if after > 0 else rest)

    def remove(self, symbol: str, price: float) -> None:
        """Take a line away; harmless when there is none."""
        self._put(symbol, levels=tuple(other for other in self.of(symbol) if other != price))

    def put_trend(self, symbol: str, before: TrendLine | None, after: TrendLine | None) -> None:
        """Let there be `after` in place of `before`: None for one that was or will not be there."""
        lines = list(self.trends(symbol))
        at = lines.index(before) if before in lines else len(lines)
        if before in lines:
            del lines[at]
        if after is not None and after.sound and after not in lines:
            lines.insert(at, after)
        self._put(symbol, trends=tuple(lines))

    def clear(self, symbol: str) -> None:
        """Take all lines of a symbol away."""
        self._put(symbol, levels=(), trends=())

    def undo(self, symbol: str) -> bool:
        """Take back what was last done to the lines of a symbol; False when nothing was."""
        before = self._before.get(symbol, [])
        if not before:
            return False
        self._keep(symbol, before.pop())
        return True

    def can_undo(self, symbol: str) -> bool:
        """True when `undo` would do something."""
        return bool(self._before.get(symbol))

    def _put(
        self,
        symbol: str,
        *,
        levels: tuple[float, ...] | None = None,
        trends: tuple[TrendLine, ...] | None = None,
    ) -> None:
        now = self._drawn.get(symbol, _NOTHING)
        then = _Drawn(
            now.levels if levels is None else levels, now.trends if trends is None else trends
        )
        if then != now:
            self._before.setdefault(symbol, []).append(now)
            del self._before[symbol][:-_UNDONE]
            self._keep(symbol, then)

    def _keep(self, symbol: str, drawn: _Drawn) -> None:
        if drawn == _NOTHING:
            self._drawn.pop(symbol, None)
        else:
            self._drawn[symbol] = drawn
        self.changed = True
        self.drawn.emit(symbol)

    def kept(self) -> Kept:
        """For the file."""
        return Kept(
            lines={s: list(drawn.levels) for s, drawn in self._drawn.items() if drawn.levels},
            trends={s: list(drawn.trends) for s, drawn in self._drawn.items() if drawn.trends},
        )


def load(folder: Path) -> Drawings:
    """The kept lines; none, and the file moved aside, when it can't be read."""
    path = folder / FILE
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
        return Drawings(kept.lines, kept.trends)
    except FileNotFoundError:
        return Drawings()
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        _log.warning("drawings_unreadable", path=str(path), error=str(error))
        _set_aside(path)
        return Drawings()


def _set_aside(path: Path) -> None:
    try:
        path.replace(path.with_suffix(".damaged.json"))
    except OSError as error:
        _log.warning("drawings_not_moved", error=str(error))


def save(folder: Path, kept: Kept) -> None:
    """Write atomically. Raises OSError; call it off the loop."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FILE}.new"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(kept)))
    draft.replace(folder / FILE)
