"""Of which symbols somebody looks at the past, and where the bars of it came from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where bars that are not of our own prints came from. `fetched_ns` is UTC.

    `delay_s` is how late the source's plan is; `stale` says that nobody has newer ones now.
    `adjusted` names what their prices are put right for: "splits", "all", or "raw" for nothing.
    """

    source: str
    fetched_ns: int
    adjusted: str
    delay_s: int = 0
    stale: bool = False


class PastBook:
    """What is on screen, and the origins of what is joined. `on_chart` hears of a new symbol."""

    def __init__(self) -> None:
        self._charted: dict[str, None] = {}
        self._listed: dict[str, None] = {}
        self._origins: dict[str, Origin] = {}
        self.on_chart: Callable[[str], None] = lambda _symbol: None

    def chart(self, symbol: str) -> Origin | None:
        """A chart shows it: its past is wanted at once. Where it came from; None without any."""
        if symbol not in self._charted:
            self._charted[symbol] = None
            self.on_chart(symbol)
        return self._origins.get(symbol)

    def list(self, symbol: str) -> None:
        """A row of it is on screen: its past is wanted."""
        self._listed[symbol] = None

    def charted(self, symbol: str) -> bool:
        """True once a chart has shown it."""
        return symbol in self._charted

    @property
    def wanted(self) -> Sequence[str]:
        """What was on screen: charts first, then rows."""
        return tuple({**self._charted, **self._listed})

    def came(self, symbol: str, origin: Origin) -> None:
        """Bars were joined."""
        self._origins[symbol] = origin
