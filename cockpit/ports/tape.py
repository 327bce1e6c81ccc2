"""Where a session's rows are recorded as they come in, before anybody judges them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from cockpit.domain.instrument import Instrument
from cockpit.ports.feed import RawBar, RawRow


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows came from: the feed's own word for itself, and what it knew at the start."""

    feed: str
    label: str
    instruments: tuple[Instrument, ...] = ()
    references: dict[str, float] = {}


@runtime_checkable
class Recorded(Protocol):
    """A feed that plays a tape: recorded again, it is the same tape."""

    @property
    def origin(self) -> Origin | None:
        """What the tape came from; None when it plays something else."""
        ...


@runtime_checkable
class Due(Protocol):
    """The transport of a played session, as far as a tape needs it."""

    due_ns: int  # when the batch being delivered should come, whatever has held it up


class Tape(Protocol):
    """One session being recorded. Nothing here waits for a disk, raises or loses an order."""

    @property
    def path(self) -> Path:
        """Where the finished tape will be."""
        ...

    @property
    def failed(self) -> str:
        """Why it records no more, in words for a person; empty while it does."""
        ...

    def write(self, ts_init: int, rows: Sequence[RawRow]) -> None:
        """Keep a batch that came in at `ts_init`, in ns."""
        ...

    def tell(self, ts_init: int, bars: Sequence[RawBar]) -> None:
        """Keep bars that the source made itself, and that came in then."""
        ...

    def note(self, ts_init: int, reason: str, detail: str) -> None:
        """Keep a row that its reader could not make out."""
        ...

    async def close(self, skipped: Mapping[str, int]) -> None:
        """Finish the tape: everything is on the disk when this returns, or `failed` says why."""
        ...


OnFailure = Callable[[str], None]
"""Called once, in the loop's thread, with what `Tape.failed` says."""
