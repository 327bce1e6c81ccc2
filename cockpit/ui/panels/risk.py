"""Every limit with how much of it is used, the fullest on top, and the way to change one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.models.risk import NEAR, RiskRow, risk_rows, share
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme.format import new_york_time
from cockpit.ui.widgets.bars import LimitBar
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import ElidedLabel, label, set_tone

if TYPE_CHECKING:
    from cockpit.app.limits.status import LimitStatus

VIEWING = "Limits are measured and changed in the cockpit you view."


class RiskPanel(QWidget):
    """Follows the measures four times a second while it is seen. `status` None: a viewer's."""

    change_requested = Signal()

    def __init__(
        self,
        status: Callable[[], Sequence[LimitStatus]] | None,
        bridge: Bridge,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._status, self._theme = status, theme
        self.lines: list[_Line] = []
        self.setAccessibleName("Risk panel")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tools())
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(Space.M, Space.XS, Space.M, Space.S)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.XS)
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(3, 3)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Limits and what is used of them")
        area.setWidget(inside)
        column.addWidget(area, 1)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(Space.M, Space.S, Space.S, Space.XS)
        row.setSpacing(Space.S)
        self.told = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.change = button(
            self._theme, "Change limits...", self.change_requested.emit, kind="quiet"
        )
        row.addWidget(self.told, 1)
        row.addWidget(self.change)
        if self._status is None:
            self.told.set_text(VIEWING)
            self.change.setEnabled(False)
        return row

    def _on_frame(self, frame: Frame) -> None:
        if self.isVisible() and (frame.heartbeat or frame.everything):
            self.show_now()

    def showEvent(self, event: QShowEvent) -> None:
        """Frames went by while it was hidden: what stands here is of now before it is seen."""
        super().showEvent(event)
        self.show_now()

    def show_now(self) -> None:
        """Bring every line up to date."""
        if self._status is None:
            return
        rows = risk_rows(self._status())
        while len(self.lines) < len(rows):
            self.lines.append(_Line(self._theme, self._grid, len(self.lines)))
        for line, row in zip(self.lines, rows, strict=False):
            line.show_row(row)
        self._grid.setRowStretch(len(self.lines), 1)
        self.told.set_text(_summary(rows))


class _Line:
    """One limit: name, bar, share, figures, state."""

    def __init__(self, theme: Theme, grid: QGridLayout, at: int) -> None:
        self._row: RiskRow | None = None
        self.name = label(theme, "", FontRole.BODY)
        self.bar = LimitBar(theme)
        self.used = label(theme, "", FontRole.STRONG)
        self.used.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.used.setMinimumWidth(self.used.fontMetrics().horizontalAdvance("1000%"))
        self.figures = ElidedLabel(theme, "", FontRole.CAPTION, "muted")
        self.state = label(theme, "", FontRole.CAPTION)
        for place, part in enumerate((self.name, self.bar, self.used, self.figures, self.state)):
            grid.addWidget(part, at, place, Qt.AlignmentFlag.AlignVCenter)

    def show_row(self, row: RiskRow) -> None:
        """Show `row`; the same one again costs nothing."""
        if row == self._row:
            return
        self._row = row
        self.name.setText(row.name)
        used = row.used or 0.0
        self.bar.show_fractions(used, used, ok=used <= NEAR)
        self.bar.setAccessibleName(f"{row.name}: {share(used)} used")
        self.used.setText("" if row.used is None else share(used))
        self.figures.set_text(row.figures)
        self.state.setText(row.state)
        set_tone(self.state, row.role)
        when = f", measured at {new_york_time(row.ts_ns)}" if row.ts_ns else ""
        self.name.setToolTip(f"{row.name}: {row.figures}{when}")


def _summary(rows: Sequence[RiskRow]) -> str:
    near = [row for row in rows if row.role in ("warning", "critical")]
    if not near:
        return f"All {len(rows)} limits have room."
    return f"To look at: {', '.join(row.name.lower() for row in near)}."
