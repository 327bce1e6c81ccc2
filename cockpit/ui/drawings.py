"""Lines that a person drew on charts, kept by symbol; a damaged file never stops the start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

_log = structlog.get_logger(__name__)
FILE = "drawings.json"
_UNDONE = 50


class Kept(msgspec.Struct, frozen=True):
    """What the file holds: prices of horizontal lines, by symbol."""

    version: int = 1
    lines: dict[str, list[float]] = msgspec.field(default_factory=dict[str, list[float]])


class Drawings:
    """The lines of all symbols; `changed` until somebody has written them.

    What is done to them can be taken back, symbol by symbol, until the program ends.
    """

    def __init__(self, lines: dict[str, list[float]] | None = None) -> None:
        self._lines = {symbol: list(prices) for symbol, prices in (lines or {}).items()}
        self._before: dict[str, list[list[float]]] = {}
        self.changed = False

    def of(self, symbol: str) -> Sequence[float]:
        """The prices of its lines, in the order in which they were drawn."""
        return self._lines.get(symbol, ())

    def add(self, symbol: str, price: float) -> None:
        """Draw a line; one that is there already stays alone."""
        lines = self.of(symbol)
        if price > 0 and price not in lines:
            self._put(symbol, [*lines, price])

    def move(self, symbol: str, before: float, after: float) -> None:
        """Draw it elsewhere."""
        rest = [price for price in self.of(symbol) if price not in (before, after)]
        self._put(symbol, [*rest, after] if after > 0 else rest)

    def remove(self, symbol: str, price: float) -> None:
        """Take a line away; harmless when there is none."""
        self._put(symbol, [other for other in self.of(symbol) if other != price])

    def clear(self, symbol: str) -> None:
        """Take all lines of a symbol away."""
        self._put(symbol, [])

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

    def _put(self, symbol: str, lines: list[float]) -> None:
        now = list(self.of(symbol))
        if lines != now:
            self._before.setdefault(symbol, []).append(now)
            del self._before[symbol][:-_UNDONE]
            self._keep(symbol, lines)

    def _keep(self, symbol: str, lines: list[float]) -> None:
        if lines:
            self._lines[symbol] = lines
        else:
            self._lines.pop(symbol, None)
        self.changed = True

    def kept(self) -> Kept:
        """For the file."""
        return Kept(lines={symbol: list(prices) for symbol, prices in self._lines.items()})


def load(folder: Path) -> Drawings:
    """The kept lines; none, and the file moved aside, when it can't be read."""
    path = folder / FILE
    try:
        return Drawings(msgspec.json.decode(path.read_bytes(), type=Kept).lines)
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
