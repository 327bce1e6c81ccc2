"""Which prints a feed told while it served: only their corrections say anything of our bars."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.ports.columns import others_in
from cockpit.ports.feed import RawCorrection, RawRow, RawTrade


class ToldPrints:
    """Which prints a feed told while it served, by their ids; the oldest are forgotten."""

    MOST = 50_000

    def __init__(self) -> None:
        self._ids: set[tuple[str, str]] = set()
        self._older: set[tuple[str, str]] = set()

    def note(self, rows: Sequence[RawRow]) -> None:
        """Remember the prints among `rows`, and what takes the place of one."""
        for row in others_in(rows):
            if isinstance(row, RawTrade) and row.trade_id:
                self._keep(row.symbol, row.trade_id)
            elif isinstance(row, RawCorrection) and row.new_id:
                self._keep(row.symbol, row.new_id)

    def corrects(self, row: RawCorrection) -> bool:
        """Whether it is of a print that was told."""
        meant = row.symbol, row.trade_id
        if meant not in self._ids and meant not in self._older:
            return False
        if row.new_id:
            self._keep(row.symbol, row.new_id)
        return True

    def _keep(self, symbol: str, trade_id: str) -> None:
        if len(self._ids) >= self.MOST:
            self._older, self._ids = self._ids, set()
        self._ids.add((symbol, trade_id))
