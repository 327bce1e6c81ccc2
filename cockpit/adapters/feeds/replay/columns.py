"""Which columns a recorded file has, and so what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cockpit.adapters.feeds.replay.files import refusal

QUOTE_COLUMNS = ("ts", "symbol", "bid", "bid_size", "ask", "ask_size")
TRADE_COLUMNS = ("ts", "symbol", "price", "size")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file holds and the index of each column by name; optional ones may lack."""

    path: Path
    quotes: bool
    index: dict[str, int]

    def at(self, *names: str) -> tuple[int, ...]:
        """Indexes of columns that are sure to be there."""
        return tuple(self.index[name] for name in names)

    def optional(self, name: str) -> int | None:
        """Index of a column, None when the file has none."""
        return self.index.get(name)


def recognise(path: Path, header: list[str]) -> Layout:
    """Tell quotes from trades by the header, in any order of columns, extra ones allowed.

    Raises FeedError naming the columns that are missing.
    """
    index = {name.strip().lower(): at for at, name in enumerate(header)}
    no_quotes = [name for name in QUOTE_COLUMNS if name not in index]
    no_trades = [name for name in TRADE_COLUMNS if name not in index]
    if not no_quotes or not no_trades:
        return Layout(path=path, quotes=not no_quotes, index=index)
    nearer_quotes = len(no_quotes) - len(QUOTE_COLUMNS) < len(no_trades) - len(TRADE_COLUMNS)
    kind, missing = ("quotes", no_quotes) if nearer_quotes else ("trades", no_trades)
    raise refusal(
        path,
        f"as {kind} it lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)} "
        f"(quotes need {', '.join(QUOTE_COLUMNS)}; trades need {', '.join(TRADE_COLUMNS)})",
        line=1,
        code="FEED_COLUMNS",
    )
