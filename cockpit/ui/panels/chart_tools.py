"""The chart's tool bar: what is shown, which timeframe, how it is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QPushButton, QWidget

from cockpit.market.past import Origin
from cockpit.ui.charts.look import EMA_PERIODS, SMA_PERIODS, BarStyle, ChartLook
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import new_york_time, percent
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import ElidedLabel, Figure, label, set_tone, signed_tone

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
    ("bands", "Bollinger bands (20, 2)"),
    ("profile", "Volume by price"),
    ("figures", "ATR (14) and relative volume"),
    ("rsi", "RSI (14), below"),
    ("macd", "MACD (12, 26, 9), below"),
    ("log", "Logarithmic prices"),
)


def origin_words(origin: Origin) -> str:
    """E.g. "past from polygon, 10:02:11 NY, put right for splits"."""
    words = [f"past from {origin.source}", f"{new_york_time(origin.fetched_ns)} NY"]
    if origin.adjusted != "raw":
        words.append(f"put right for {origin.adjusted}")
    if origin.delay_s:
        words.append(f"{origin.delay_s // 60} min late")
    if origin.stale:
        words.append("nobody has newer ones now")
    return ", ".join(words)


class ChartTools(QWidget):
    """Tells `look_changed` what a person chose; shows nothing of the market itself."""

    look_changed = Signal(object)  # ChartLook
    export_asked = Signal()
    clear_asked = Signal()
    symbol_asked = Signal()
    trend_asked = Signal()

    def __init__(self, theme: Theme, look: ChartLook) -> None:
        super().__init__()
        self._theme = theme
        self.look = _offered(look)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        bar.setSpacing(Space.XS)
        self.title = button(theme, "", self.symbol_asked.emit, kind="symbol", name="Choose symbol")
        self.title.setFont(theme.font(FontRole.TITLE))
        self.title.setToolTip("Show another symbol here, and in the panels of the same number")
        self.change = Figure(theme, FontRole.STRONG)
        self.halted = label(theme, "HALTED", FontRole.STRONG, "warning")
        self.halted.hide()
        for part in (self.title, self.change, self.halted):
            bar.addWidget(part)
        self.origin = ElidedLabel(theme, "", FontRole.CAPTION, "muted")
        bar.addWidget(self.origin, 1)
        choice = QButtonGroup(self)
        self.timeframes: dict[int, QPushButton] = {}
        for text, seconds in TIMEFRAMES:
            self.timeframes[seconds] = self._timeframe(text, seconds, choice)
            bar.addWidget(self.timeframes[seconds])
        self.narrow = button(theme, "", self._choose_timeframe, kind="quiet", name="Timeframe")
        self.narrow.hide()
        bar.addWidget(self.narrow)
        self.menu_button = button(theme, "Look", self._open_menu, kind="quiet", icon="chart")
        self.menu_button.setToolTip("How the chart is drawn, averages, export")
        bar.addWidget(self.menu_button)
        self.menu = QMenu(self)
        self.menu.setAccessibleName("Look of the chart")
        self.choices: dict[str, QAction] = {}
        self._fill_menu()
        self._show_timeframe()

    def tell_origin(self, origin: Origin | None) -> None:
        """Say where the bars are from that are not of our own prints; nothing without any."""
        self.origin.set_text("" if origin is None else origin_words(origin))

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One button for all timeframes where they don't fit side by side."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Everything in full while it fits."""
        shown: list[QWidget] = [self.title, self.change, self.menu_button]
        if not self.halted.isHidden():
            shown.append(self.halted)
        buttons = list(self.timeframes.values())
        needed = sum(part.sizeHint().width() + Space.XS for part in (*shown, *buttons))
        narrow = self.width() < needed + Space.M + Space.S
        self.narrow.setVisible(narrow)
        for made in buttons:
            made.setVisible(not narrow)

    def _choose_timeframe(self) -> None:
        menu = QMenu(self)
        menu.setAccessibleName("Timeframe")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, seconds in TIMEFRAMES:
            action = menu.addAction(text, partial(self.choose, interval_s=seconds))
            action.setCheckable(True)
            action.setChecked(seconds == self.look.interval_s)
        menu.popup(self.narrow.mapToGlobal(self.narrow.rect().bottomLeft()))

    def say(self, symbol: str, change: float | None, *, halted: bool) -> None:
        """Name what is shown and how far it moved today, as a fraction."""
        if self.title.text() != symbol:
            self.title.setText(symbol)
            self.title.setAccessibleName(f"{symbol}, choose another symbol")
        self.change.setText(percent(change, signed=True))
        set_tone(self.change, signed_tone(change or 0.0))
        if self.halted.isHidden() is halted:
            self.halted.setVisible(halted)
        self._fit()

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
        for period in SMA_PERIODS:
            self._check(
                f"sma{period}",
                f"SMA {period}",
                period in self.look.smas,
                lambda on, p=period: self.choose(smas=self.look.with_sma(p, shown=on).smas),
            )
        self.menu.addSeparator()
        self.menu.addAction("Draw a trend line", self.trend_asked.emit)
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
        self.look = _offered(msgspec.structs.replace(self.look, **changes))
        self._show_timeframe()
        for key, action in self.choices.items():
            action.setChecked(_chosen(self.look, key))
        self.look_changed.emit(self.look)

    def _show_timeframe(self) -> None:
        self.timeframes[self.look.interval_s].setChecked(True)
        text = next(text for text, seconds in TIMEFRAMES if seconds == self.look.interval_s)
        self.narrow.setText(f"{text} \N{BLACK DOWN-POINTING SMALL TRIANGLE}")
        self.narrow.setAccessibleName(f"Timeframe, {text}")

    def _open_menu(self) -> None:
        below = self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft())
        self.menu.popup(below)


def _offered(look: ChartLook) -> ChartLook:
    """The same, in minutes where its timeframe is none of those that there are."""
    known = look.interval_s in dict(TIMEFRAMES).values()
    return look if known else msgspec.structs.replace(look, interval_s=TIMEFRAMES[0][1])


def _chosen(look: ChartLook, key: str) -> bool:
    """True when the entry `key` of the menu is on."""
    if key.startswith("ema"):
        return int(key.removeprefix("ema")) in look.emas
    if key.startswith("sma"):
        return int(key.removeprefix("sma")) in look.smas
    return look.style.value == key if key in {s.value for s, _ in _STYLES} else getattr(look, key)
