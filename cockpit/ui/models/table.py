"""The model of a live blotter: pulled rows, changed cells, flashes, order, copies."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from cockpit.ui.models.columns import Column, Row, Rows, StillKeys


class LiveRow:
    """A row as last pulled: raw values beside what is painted of them.

    `painted` belongs to the painter: what it laid out of each text, None where that changed.
    """

    __slots__ = ("flashes", "laid_for", "looks", "painted", "stale", "texts", "tip", "values")

    def __init__(self, columns: Sequence[Column], row: Row) -> None:
        self.values = row.values
        self.texts = [c.show(v) for c, v in zip(columns, row.values, strict=True)]
        self.looks = [c.role(v) for c, v in zip(columns, row.values, strict=True)]
        self.flashes: dict[int, tuple[int, int]] = {}
        self.stale, self.tip = row.stale, row.tip
        self.painted: list[Any] = [None] * len(self.texts)
        self.laid_for: object = None


def _direction(old: Any, new: Any) -> int:
    try:
        return (new > old) - (new < old)
    except TypeError:
        return 0


class Table:
    """Rows of `source` under `columns`. Times are milliseconds of any steady clock.

    A cell that changed flashes until `flash_ms` later (0: never).
    """

    def __init__(self, columns: Sequence[Column], source: Rows, *, flash_ms: int = 400) -> None:
        self.columns = tuple(columns)
        self._flash_ms = flash_ms
        self.keys: list[str] = []
        self.sort_column: int | None = None
        self.descending = False
        self._source = source
        self._rows: dict[str, LiveRow] = {}
        self._flash_end = 0
        self._seen: list[str] | None = None

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def flash_ms(self) -> int:
        """How long a cell that changed is lit; setting 0 puts out what still is."""
        return self._flash_ms

    @flash_ms.setter
    def flash_ms(self, value: int) -> None:
        self._flash_ms = value
        if not value:
            self._flash_end = 0
            for row in self._rows.values():
                row.flashes.clear()

    def live(self, position: int) -> LiveRow:
        """The row shown at `position`; pulled now if it never was."""
        key = self.keys[position]
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = LiveRow(self.columns, self._source.row(key))
        return row

    def position(self, key: str | None) -> int | None:
        """Where `key` is shown; None when it isn't."""
        return self.keys.index(key) if key is not None and key in self.keys else None

    def sync(self) -> bool:
        """Take rows that came and drop rows that went; True when the order changed."""
        keys = self._source.keys()
        if self._still(keys):
            return False
        known = set(self.keys)
        if len(keys) == len(known) and (keys == self.keys or known.issuperset(keys)):
            return self.sort_column is None and self._adopt(keys)
        for gone in known.difference(keys):
            self._rows.pop(gone, None)
        return self._adopt(self._ordered(keys))

    def resort(self) -> bool:
        """Order the rows by their values now; True when that moved any."""
        keys = self._source.keys()
        return not self._still(keys) and self._adopt(self._ordered(keys))

    def sort_by(self, column: int | None, *, descending: bool = False) -> None:
        """Sort by a column, or by the source's own order when None."""
        self.sort_column, self.descending = column, descending
        self._seen = None
        self.resort()

    def pull(self, first: int, last: int, now_ms: int) -> list[int]:
        """Read the rows shown at first..last-1; the positions that look different now."""
        shown = range(max(0, first), min(last, len(self.keys)))
        return [position for position in shown if self._update(self.keys[position], now_ms)]

    def flashing(self, now_ms: int) -> bool:
        """True while any cell may still be lit."""
        return now_ms < self._flash_end

    def flash(self, row: LiveRow, column: int, now_ms: int) -> tuple[int, float]:
        """Direction (-1, 0, +1) and strength (1 to 0) of a cell's flash."""
        lit = row.flashes.get(column)
        if lit is None:
            return 0, 0.0
        until, direction = lit
        if now_ms >= until:
            del row.flashes[column]
            return 0, 0.0
        return direction, (until - now_ms) / self.flash_ms

    def describe(self, position: int) -> str:
        """The row in words, for a screen reader."""
        row = self.live(position)
        said = [f"{c.title} {t}" for c, t in zip(self.columns, row.texts, strict=True) if t]
        return ", ".join(said) + (", stale" if row.stale else "")

    def tsv(self, positions: Iterable[int]) -> str:
        """Title line and rows with tabs, as spreadsheets paste it."""
        return self._written(positions, delimiter="\t")

    def csv(self) -> str:
        """All rows as RFC 4180 text."""
        return self._written(range(len(self)), delimiter=",")

    def _written(self, positions: Iterable[int], *, delimiter: str) -> str:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        kept = [i for i, column in enumerate(self.columns) if not column.curve]
        writer.writerow([self.columns[i].title for i in kept])
        for position in positions:
            texts = self.live(position).texts
            # a trailing space only aligns digits on screen; a spreadsheet would read text
            writer.writerow([texts[i].rstrip() for i in kept])
        return out.getvalue()

    def _update(self, key: str, now_ms: int) -> bool:
        old = self._rows.get(key)
        new = self._source.row(key)
        if old is None:
            self._rows[key] = LiveRow(self.columns, new)
            return True
        changed = old.stale != new.stale
        old.stale, old.tip = new.stale, new.tip
        return self._update_cells(old, new.values, now_ms) or changed

    def _update_cells(self, row: LiveRow, values: tuple[Any, ...], now_ms: int) -> bool:
        before, row.values = row.values, values
        texts, looks, changed = row.texts, row.looks, False
        for index, (old, new) in enumerate(zip(before, values, strict=True)):
            if old is new:
                continue
            column = self.columns[index]
            if column.curve or old != new:  # arrays are not compared: another is another curve
                text, look = column.show(new), column.role(new)
                if text != texts[index] or look != looks[index] or column.curve:
                    texts[index], looks[index] = text, look
                    changed, row.painted[index] = True, None
                    if column.flash and old is not None:
                        self._light(row, index, _direction(old, new), now_ms)
        return changed

    def _light(self, row: LiveRow, index: int, direction: int, now_ms: int) -> None:
        if self._flash_ms:
            self._flash_end = now_ms + self._flash_ms
            row.flashes[index] = (self._flash_end, direction)

    def _ordered(self, keys: list[str]) -> list[str]:
        if self.sort_column is None:
            return keys
        index = self.sort_column
        sort = self.columns[index].sort
        ranked: list[tuple[Any, str]] = []
        nothing: list[str] = []
        for key in keys:
            value = self._source.row(key).values[index]
            value = sort(value) if sort is not None and value is not None else value
            if value is None:
                nothing.append(key)
            else:
                ranked.append((value, key))
        ranked.sort(key=lambda pair: pair[0], reverse=self.descending)
        return [key for _, key in ranked] + nothing

    def _still(self, keys: list[str]) -> bool:
        """True for the keys that were looked at last, if their rows never change."""
        seen, self._seen = self._seen, keys if isinstance(keys, StillKeys) else None
        return seen is keys and self._seen is keys

    def _adopt(self, keys: list[str]) -> bool:
        if keys == self.keys:
            return False
        self.keys = keys
        return True
