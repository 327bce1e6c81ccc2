"""Live P&L: one strong number, what it is made of, the day's curve, who contributed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QLabel, QLayout, QVBoxLayout, QWidget

from cockpit.domain.events import FillBooked, PositionChanged
from cockpit.trading.portfolio import Portfolio
from cockpit.ui.bridge import MONEY, Bridge, Frame
from cockpit.ui.charts.contributions import ROW, Contributions
from cockpit.ui.charts.day_curve import DayCurve
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import arrow, money, percent, signed_money
from cockpit.ui.widgets.labels import Figure, label, set_tone, signed_tone

_SIDE_BY_SIDE_PX = 600
_STACKED_FROM_PX = 300
_SIDE_WIDTH = 220
_HEAD_BESIDE_PX = 430
_FIGURES_FROM_PX = 220


class PnlPanel(QFrame):
    """Shows the portfolio's day. Drawdown is measured from the day's peak."""

    def __init__(self, portfolio: Portfolio, bridge: Bridge, theme: Theme) -> None:
        super().__init__()
        self._portfolio, self._theme = portfolio, theme
        self._shown = -1
        self.setProperty("kind", "panel")
        self.setAccessibleName("P&L panel")
        self.day = Figure(theme, FontRole.DISPLAY)
        self.figures: dict[str, QLabel] = {}
        self.curve = DayCurve(theme)
        self.contributions = Contributions(theme)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(Space.M, Space.S, Space.S, 0)
        column.setSpacing(Space.S)
        self._head = self._make_head()
        column.addLayout(self._head)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(Space.M)
        self._body.addWidget(self.curve, 1)
        self._body.addWidget(self.contributions)
        column.addLayout(self._body, 1)
        self.destroyed.connect(bridge.on_frame(self._on_frame, every=6, turn=MONEY))

    def _make_head(self) -> QBoxLayout:
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(Space.S)
        big = QVBoxLayout()
        big.setSpacing(0)
        big.addWidget(label(self._theme, "Day P&L", FontRole.CAPTION, "muted"))
        big.addWidget(self.day, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(big)
        row.addStretch(1)
        self._figures_box = QWidget()
        grid = QGridLayout(self._figures_box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.XXS)
        names = ("Realised", "Unrealised", "Fees", "Peak", "Drawdown")
        for place, name in enumerate(names):
            self._figure(grid, name, *divmod(place, 3), span=2 if name == names[-1] else 1)
        row.addWidget(self._figures_box)
        return row

    def _figure(self, grid: QGridLayout, name: str, line: int, place: int, *, span: int) -> None:
        caption = label(self._theme, name, FontRole.MICRO, "muted")
        figure = self.figures[name] = Figure(self._theme, FontRole.STRONG)
        grid.addWidget(caption, 2 * line, place, 1, span)
        grid.addWidget(figure, 2 * line + 1, place, 1, span, Qt.AlignmentFlag.AlignLeft)

    def show_now(self) -> None:
        """Bring every figure up to date."""
        p = self._portfolio
        day = p.day_pnl
        self._say(self.day, "Day P&L", f"{arrow(day)} {signed_money(day)}".strip(), day)
        carried = f"Less {signed_money(p.carried)} of open profit from before today"
        self.day.setToolTip(carried if p.carried else "")
        self._figures("Realised", signed_money(p.day_realised), float(p.day_realised))
        self._figures("Unrealised", signed_money(p.unrealised), p.unrealised)
        self._figures("Fees", money(p.day_fees), 0.0)
        self._figures("Peak", signed_money(p.peak), 0.0)
        fraction = percent(p.drawdown_fraction)
        self._figures("Drawdown", f"{signed_money(p.drawdown)} ({fraction})", p.drawdown)
        self.curve.show_curve(p.curve.ts, p.curve.pnl)
        self.contributions.show_pnl({x.symbol: p.day_pnl_of(x.symbol) for x in p.positions()})

    def _figures(self, name: str, text: str, value: float) -> None:
        self._say(self.figures[name], name, text, value)

    @staticmethod
    def _say(widget: QLabel, name: str, text: str, value: float) -> None:
        if widget.text() != text:
            widget.setText(text)
            widget.setAccessibleName(f"{name} {text}")
        set_tone(widget, signed_tone(value))

    def _on_frame(self, frame: Frame) -> None:
        if self.isVisible() and (frame.symbols or frame.touched(FillBooked, PositionChanged)):
            self.show_now()

    def showEvent(self, event: QShowEvent) -> None:
        """Frames went by while it was hidden: what stands here is of now before it is seen."""
        super().showEvent(event)
        self.show_now()

    def minimumSizeHint(self) -> QSize:
        """Small: the parts move and leave, so what stands there now must not hold it wide."""
        return QSize(260, 130)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Contributions beside the curve when it is wide, below when it is tall, else away."""
        super().resizeEvent(event)
        wide = self.width() >= _SIDE_BY_SIDE_PX
        tall = self.height() >= _STACKED_FROM_PX
        roomy = self.width() >= _HEAD_BESIDE_PX
        sideways, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._body.setDirection(sideways if wide else down)
        self._head.setDirection(sideways if roomy else down)
        self._figures_box.setVisible(roomy or self.height() >= _FIGURES_FROM_PX)
        self.contributions.setVisible(wide or tall)
        self.contributions.setMinimumWidth(_SIDE_WIDTH if wide else 150)
        self.contributions.setMaximumWidth(_SIDE_WIDTH if wide else 16_777_215)
        self.contributions.setMaximumHeight(16_777_215 if wide else 4 * ROW)
