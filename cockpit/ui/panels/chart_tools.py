"""The chart's tool bar: what is shown, which timeframe, how it is drawn."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QWidget

from cockpit.ui.charts.look import EMA_PERIODS, BarStyle, ChartLook
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label

TIMEFRAMES: tuple[tuple[str, int], ...] = (
    ("1m", 60),
    ("5m", 300),
    ("15m", 900),
    ("30m", 1800),
    ("1h", 3600),
)
_STYLES = ((BarStyle.CANDLES, "Candles"), (BarStyle.BARS, "Bars"), (BarStyle.LINE, "Line"))
_SWITCHES = (
    ("vwap", "VWAP of the session"),
    ("day_levels", "Previous close, day high and low"),
    ("profile", "Volume by price"),
    ("log", "Logarithmic prices"),
)


class ChartTools(QWidget):
    """Tells `look_changed` what a person chose; shows nothing of the market itself."""

    look_changed = Signal(object)  # ChartLook
    export_asked = Signal()
    clear_asked = Signal()

    def __init__(self, theme: Theme, look: ChartLook) -> None:
        super().__init__()
        self._theme = theme
        self.look = look
        bar = QHBoxLayout(self)
        bar.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        bar.setSpacing(Space.XS)
        self.title = label(theme, "", FontRole.TITLE)
        self.change = label(theme, "", FontRole.STRONG)
        self.halted = label(theme, "HALTED", FontRole.STRONG, "warning")
        self.halted.hide()
        for part in (self.title, self.change, self.halted):
            bar.addWidget(part)
        bar.addStretch(1)
        choice = QButtonGroup(self)
        self.timeframes: dict[int, QPushButton] = {}
        for text, seconds in TIMEFRAMES:
            self.timeframes[seconds] = self._timeframe(text, seconds, choice)
            bar.addWidget(self.timeframes[seconds])
        self.menu_button = button(theme, "Look", self._open_menu, kind="quiet", icon="chart")
        self.menu_button.setToolTip("How the chart is drawn, averages, export")
        bar.addWidget(self.menu_button)
        self.menu = QMenu(self)
        self.menu.setAccessibleName("Look of the chart")
        self.choices: dict[str, QAction] = {}
        self._fill_menu()

    def _timeframe(self, text: str, seconds: int, choice: QButtonGroup) -> QPushButton:
        made = QPushButton(text)
        made.setProperty("kind", "quiet")
        made.setFont(self._theme.font(FontRole.CAPTION))
        made.setCheckable(True)
        made.setChecked(seconds == self.look.interval_s)
        made.setAccessibleName(f"{seconds // 60} minute bars")
        made.clicked.connect(lambda: self.choose(interval_s=seconds))
        choice.addButton(made)
        return made

    def _fill_menu(self) -> None:
        group = QActionGroup(self)
        for style, text in _STYLES:
            action = self._check(
                style.value,
                text,
                self.look.style is style,
                lambda _on, s=style: self.choose(style=s),
            )
            group.addAction(action)
        self.menu.addSeparator()
        for name, text in _SWITCHES:
            shown = bool(getattr(self.look, name))
            self._check(name, text, shown, lambda on, n=name: self.choose(**{n: on}))
        for period in EMA_PERIODS:
            self._check(
                f"ema{period}",
                f"EMA {period}",
                period in self.look.emas,
                lambda on, p=period: self.choose(emas=self.look.with_ema(p, shown=on).emas),
            )
        self.menu.addSeparator()
        self.menu.addAction("Remove drawn lines", self.clear_asked.emit)
        self.menu.addAction("Export picture...", self.export_asked.emit)

    def _check(self, key: str, text: str, shown: bool, act: Callable[[bool], None]) -> QAction:
        action = QAction(text, self.menu)
        action.setCheckable(True)
        action.setChecked(shown)
        action.triggered.connect(lambda on=False: act(bool(on)))
        self.menu.addAction(action)
        self.choices[key] = action
        return action

    def choose(self, **changes: object) -> None:
        """Change what is given, and tell."""
        self.look = msgspec.structs.replace(self.look, **changes)
        self.timeframes[self.look.interval_s].setChecked(True)
        self.look_changed.emit(self.look)

    def _open_menu(self) -> None:
        below = self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft())
        self.menu.popup(below)
