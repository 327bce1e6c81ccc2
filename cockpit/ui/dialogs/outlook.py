"""What an order would do: money, position, limits after it, and what speaks against it."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cockpit.app.order_preview import OrderPreview
from cockpit.ui import words
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.bars import LimitBar
from cockpit.ui.widgets.labels import Lines, label, set_tone

SHOWN_LIMITS = 5
_FIGURES = {"Value, at worst": 4, "Fees": 3, "Position": 3, "Buying power": 6}
"""What is told, and how the width is shared, whatever stands there."""
_WIDEST = "$9,999,999 to $9,999,999 of $999,999"
_CAUTION_LINES = 3


class Outlook(QWidget):
    """Keeps its height whatever it shows, so that the buttons below it never jump."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        grid = QGridLayout()
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(0)
        self.figures: dict[str, QLabel] = {}
        for place, (name, share) in enumerate(_FIGURES.items()):
            self.figures[name] = label(theme, "", FontRole.STRONG)
            caption = label(theme, name, FontRole.CAPTION, "muted")
            for row, part in enumerate((caption, self.figures[name])):
                part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
                grid.addWidget(part, row, place)
            grid.setColumnStretch(place, share)
        column.addLayout(grid)
        self._limits = QGridLayout()
        self._limits.setHorizontalSpacing(Space.S)
        self._limits.setVerticalSpacing(Space.XXS)
        self._limits.setColumnStretch(1, 1)
        self._lines = [self._line(at) for at in range(SHOWN_LIMITS)]
        column.addLayout(self._limits)
        self.caution = Lines(theme, _CAUTION_LINES, FontRole.BODY, "warning")
        self.caution.setAccessibleName("Precautions")
        column.addWidget(self.caution)
        self.clear()

    def _line(self, at: int) -> tuple[QLabel, LimitBar, QLabel]:
        name = label(self._theme, "", FontRole.CAPTION, "muted")
        name.setFixedWidth(name.fontMetrics().horizontalAdvance("Consecutive losses  "))
        name.setFixedHeight(name.fontMetrics().height())
        figures = label(self._theme, "", FontRole.CAPTION)
        figures.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        figures.setFixedWidth(figures.fontMetrics().horizontalAdvance(_WIDEST))
        bar = LimitBar(self._theme)
        kept = bar.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        bar.setSizePolicy(kept)
        for column, part in enumerate((name, bar, figures)):
            self._limits.addWidget(part, at, column, Qt.AlignmentFlag.AlignVCenter)
        return name, bar, figures

    def clear(self) -> None:
        """Nothing to tell: the order is not whole yet."""
        for figure in self.figures.values():
            figure.setText(fmt.MISSING)
        for name, bar, figures in self._lines:
            name.setText("")
            figures.setText("")
            bar.show_fractions(0.0, 0.0, ok=True)
            bar.hide()
        self._warn("", "")

    def show_preview(self, seen: OrderPreview) -> None:
        """Show these figures."""
        shown = self.figures
        shown["Value, at worst"].setText(fmt.money(seen.notional))
        shown["Fees"].setText("not told" if seen.fee is None else fmt.money(seen.fee))
        shown["Position"].setText(_change(seen.position_before, seen.position_after))
        shown["Buying power"].setText(_power(seen))
        closest = words.closest_limits(seen.verdict.results, SHOWN_LIMITS)
        for at, (name, bar, figures) in enumerate(self._lines):
            result = closest[at] if at < len(closest) else None
            bar.setVisible(result is not None)
            name.setText("" if result is None else result.control.capitalize())
            figures.setText("" if result is None else words.limit_sentence(result))
            before, after = (
                (0.0, 0.0) if result is None else words.limit_fractions(result) or (0, 0)
            )
            bar.show_fractions(
                before, after, ok=result is None or (result.passed and not result.warning)
            )
        self._say_caution(seen)

    def _say_caution(self, seen: OrderPreview) -> None:
        denial = seen.verdict.denial
        if denial is not None:
            self._warn(f"It would be denied: {denial.text} ({denial.code})", "critical")
            return
        warned = [result.text for result in seen.verdict.results if result.warning and result.text]
        if warned:
            self._warn(" ".join(warned), "warning")
        elif seen.reduces:
            self._warn("It only makes the position smaller.", "muted")
        else:
            self._warn("Every limit has room for it now; it is checked again when sent.", "muted")

    def _warn(self, text: str, tone: str) -> None:
        self.caution.setText(text)
        set_tone(self.caution, tone)


def _change(before: Decimal, after: Decimal) -> str:
    return f"{fmt.quantity(before)} → {fmt.quantity(after)}"


def _power(seen: OrderPreview) -> str:
    if seen.power_after is None:
        return fmt.money(seen.power_before, places=0)
    before, after = (fmt.money(x, places=0) for x in (seen.power_before, seen.power_after))
    return f"{before} → {after}"
