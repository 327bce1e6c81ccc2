"""A period's statistics with their definitions, above them the equity of its trades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cockpit.ui.recap_beside import EXPLAINED, open_fees
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.histogram import Histogram
from cockpit.ui.widgets.labels import ElidedLabel, label, set_tone, signed_tone
from cockpit.ui.widgets.sparkline import Sparkline
from cockpit.ui.widgets.tall_area import TallArea

if TYPE_CHECKING:
    from cockpit.journal.statistics import RBucket, Statistic
    from cockpit.journal.tradebook import TradeBook

_UNSIGNED = {"fees"}
"""What was paid is neither a gain nor a loss of the market."""

_BESIDE = {
    name: "Of trades that closed, each whole on its day. A day's recap also counts what was "
    f"{what} that day for positions that are still open."
    for name, what in (("net", "realised and paid"), ("fees", "paid"))
}
"""Why a recap says another figure of the same day."""


def shown(statistic: Statistic) -> str:
    """A statistic's value in its unit; `n/a` when undefined."""
    value = statistic.value
    if value is None:
        return "n/a"
    if statistic.unit == statistic.currency:
        plain = statistic.id in _UNSIGNED
        return (fmt.money if plain else fmt.signed_money)(value, currency=statistic.currency)
    if statistic.unit == "fraction":
        return fmt.percent(value, places=1)
    if statistic.unit == "seconds":
        return fmt.duration(float(value))
    if statistic.unit == "count":
        return fmt.quantity(value)
    return (
        f"{fmt.number(value, signed=statistic.unit == 'R')}{' R' if statistic.unit == 'R' else ''}"
    )


def explained(statistic: Statistic) -> str:
    """The definition, what it rests on, and why it is undefined if it is."""
    basis = f", {statistic.basis}" if statistic.basis else ""
    sample = f"{statistic.sample} trade{'s' * (statistic.sample != 1)}{basis}, {statistic.period}"
    why = f"Not defined: {statistic.undefined}." if statistic.undefined else ""
    source = f"After {statistic.source}." if statistic.source else ""
    beside = _BESIDE.get(statistic.id, "")
    told = (f"{statistic.label}: {statistic.definition}", sample, source, why, beside)
    return "\n".join(filter(None, told))


_FIRST = ("net", "expectancy", "win_rate", "profit_factor", "payoff", "mean_r", "trades")
"""What a trader looks for first; all else follows in the order of its definitions."""


def _place(statistic: Statistic) -> int:
    return _FIRST.index(statistic.id) if statistic.id in _FIRST else len(_FIRST)


class StatisticsView(QWidget):
    """A curve and two columns of figures; hovering one tells its definition."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: dict[str, _Row] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        self.curve = Sparkline(theme, "Net of the trades, added up")
        self.curve.setToolTip("Net of the trades, added up in the order they were closed")
        self.rs = Histogram(theme, "Trades by R")
        pictures = QHBoxLayout()
        pictures.setSpacing(Space.M)
        pictures.addWidget(self.curve, 1)
        pictures.addWidget(self.rs, 1)
        column.addLayout(pictures)
        self.beside = ElidedLabel(theme, "", FontRole.CAPTION, "muted")
        self.beside.hide()
        column.addWidget(self.beside)
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, Space.S, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XXS)
        self._grid.setColumnStretch(0, 1)
        column.addWidget(TallArea("Statistics", inside), 1)

    def show_period(
        self, equity: Sequence[float], statistics: Sequence[Statistic], rs: Sequence[RBucket]
    ) -> None:
        """Show a period anew: its nets added up, its figures, its trades by R."""
        self.curve.show_values(equity)
        self.curve.setVisible(len(equity) > 1)
        self.rs.show_bars([_bar(bucket) for bucket in rs])
        self.rs.setVisible(any(bucket.count for bucket in rs))
        for statistic in sorted(statistics, key=_place):
            self._row(statistic.id, len(self._rows)).show_statistic(statistic)

    def tell_open(self, day: str, book: TradeBook) -> None:
        """Fees paid on a day that are in none of its figures, and hovered, why; no day, no line."""
        words = open_fees(day, book) if day else ""
        self.beside.set_text(words)
        self.beside.setToolTip(f"{words} {EXPLAINED}")
        self.beside.setVisible(bool(words))

    def _row(self, key: str, place: int) -> _Row:
        if key not in self._rows:
            row = self._rows[key] = _Row(self._theme)
            self._grid.addWidget(row.name, place, 0)
            self._grid.addWidget(row.value, place, 1, Qt.AlignmentFlag.AlignRight)
            self._grid.setRowStretch(place, 0)
            self._grid.setRowStretch(place + 1, 1)
        return self._rows[key]


def _bar(bucket: RBucket) -> tuple[str, str, int, bool]:
    low, high = bucket.low, bucket.high
    if low is None:
        return f"<{high}", f"below {high} R", bucket.count, True
    if high is None:
        return f"{low}+", f"{low} R and more", bucket.count, False
    return f"{low}", f"{low} R up to {high} R", bucket.count, low < 0


class _Row:
    """A statistic's two labels, kept: making and styling them anew would hold the loop."""

    def __init__(self, theme: Theme) -> None:
        self.name = ElidedLabel(theme, "", FontRole.CAPTION, "muted")
        self.value = label(theme, "", FontRole.STRONG)

    def show_statistic(self, statistic: Statistic) -> None:
        """Show the figure, toned by its sign where it has one."""
        text, told = shown(statistic), explained(statistic)
        if (text, told) == (self.value.text(), self.value.toolTip()):
            return
        self.name.set_text(statistic.label)
        self.value.setText(text)
        self.value.setAccessibleName(f"{statistic.label} {text}")
        for part in (self.name, self.value):
            part.setToolTip(told)
        set_tone(self.value, _tone(statistic))


def _tone(statistic: Statistic) -> str:
    if statistic.value is None:
        return "faint"
    signed = statistic.unit in (statistic.currency, "R") and statistic.id not in _UNSIGNED
    return signed_tone(float(statistic.value)) if signed else ""
