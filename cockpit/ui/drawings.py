"""Lines that a person drew on charts, kept by symbol; a damaged file never stops the start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

_log = structlog.get_logger(__name__)
FILE = "drawings.json"


class Kept(msgspec.Struct, frozen=True):
    """What the file holds: prices of horizontal lines, by symbol."""

    version: int = 1
    lines: dict[str, list[float]] = msgspec.field(default_factory=dict[str, list[float]])


class Drawings:
    """The lines of all symbols; `changed` until somebody has written them."""

    def __init__(self, lines: dict[str, list[float]] | None = None) -> None:
        self._lines = {symbol: list(prices) for symbol, prices in (lines or {}).items()}
        self.changed = False

    def of(self, symbol: str) -> Sequence[float]:
        """The prices of its lines, in the order in which they were drawn."""
        return self._lines.get(symbol, ())

    def add(self, symbol: str, price: float) -> None:
        """Draw a line; one that is there already stays alone."""
        lines = self._lines.setdefault(symbol, [])
        if price > 0 and price not in lines:
            lines.append(price)
            self.changed = True

    def move(self, symbol: str, before: float, after: float) -> None:
        """Draw it elsewhere."""
        self.remove(symbol, before)
        self.add(symbol, after)

    def remove(self, symbol: str, price: float) -> None:
        """Take a line away; harmless when there is none."""
        lines = self._lines.get(symbol, [])
        if price in lines:
            lines.remove(price)
            self.changed = True
        if not lines:
            self._lines.pop(symbol, None)

    def clear(self, symbol: str) -> None:
        """Take all lines of a symbol away."""
        self.changed = bool(self._lines.pop(symbol, None)) or self.changed

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
