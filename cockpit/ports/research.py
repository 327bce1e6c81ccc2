"""What is kept of research data beside the ledger: answers, and requests that were spent.

The file belongs to the owner of the data folder, not to a session: a window, a viewer and the
command line share it, so what one has spent the others can't spend again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import msgspec

R = TypeVar("R")


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """A source's requests. `times` are those of the last minutes, by a clock that nobody sets.

    `days` counts by the vendor's own day (ISO). Until `held_for_ns` have passed since
    `held_from` nothing may go out, for the reason `held_why`; on the day `held_day` neither.
    """

    times: tuple[int, ...] = ()
    days: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    held_from: int = 0
    held_for_ns: int = 0
    held_day: str = ""
    held_why: str = ""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that is kept. `body` is msgpack of `Answer` or of a refusal, see `market/router`.

    One that is `final` can't become another: bars of a day that is over.
    """

    key: str
    source: str
    kind: str
    symbol: str
    fetched_ns: int
    body: bytes
    final: bool = False


class KeptLine(msgspec.Struct, frozen=True, kw_only=True):
    """How much is kept of one source and kind; times in ns UTC."""

    source: str
    kind: str
    answers: int
    symbols: int
    bytes: int
    oldest_ns: int
    newest_ns: int


class ResearchStore(Protocol):
    """All calls return once it is durable; none blocks the loop. They raise StoreError."""

    async def change(self, source: str, change: Callable[[Spent], tuple[Spent, R]]) -> R:
        """Read, change and write what a source has spent, alone among all processes.

        `change` runs in the store's thread, and again nowhere. Gives what it gives beside.
        """
        ...

    async def spent(self) -> Mapping[str, Spent]:
        """What each source has spent, by name."""
        ...

    async def find(self, keys: Sequence[str], now_ns: int) -> Mapping[str, Kept]:
        """Those of the answers that are kept; they count as used at `now_ns`."""
        ...

    async def keep(self, answers: Sequence[Kept], now_ns: int) -> None:
        """Keep answers in place of older ones; what was not used longest makes room."""
        ...

    async def lines(self) -> Sequence[KeptLine]:
        """What is kept, by source and kind."""
        ...

    async def clear(self, *, source: str = "", kind: str = "", symbol: str = "") -> int:
        """Forget the answers that fit all that is given; how many they were. Counts stay."""
        ...

    async def close(self) -> None:
        """Finish what was handed over, then close."""
        ...
