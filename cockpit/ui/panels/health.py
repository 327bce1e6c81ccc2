"""What every check found: what needs a look first, then all by group, and what changed today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from cockpit.app.health.findings import Finding, Findings, HealthChanged, worst
from cockpit.domain.events import ArmingChanged
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.ports.health import CheckState
from cockpit.ui.asking import ask
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.panels.health_rows import ChangeRow, FindingRow, GroupTitle
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.labels import ElidedLabel
from cockpit.ui.widgets.pill import Pill
from cockpit.ui.words import ARMING_LOOKS, CHECK_LOOKS, SUMMARY_WORDS

if TYPE_CHECKING:
    from cockpit.app.arming import Armed
    from cockpit.app.commands import Commands

NEEDS_A_LOOK = "Needs a look"
VIEWING = "Checks are made, and the session is armed, in the cockpit you view."


class HealthPanel(QWidget):
    """Rows are made anew when a check changes, and follow the rest four times a second."""

    def __init__(
        self,
        findings: Findings,
        arming: Armed,
        commands: Commands,
        bridge: Bridge,
        theme: Theme,
        *,
        read_only: bool = False,
    ) -> None:
        super().__init__()
        self._findings, self._arming, self._commands = findings, arming, commands
        self._theme, self._read_only = theme, read_only
        self._wall = WallClock()  # findings are of the machine's time, not of the session's
        self.rows: dict[str, FindingRow] = {}
        self._outdated = False
        self.setAccessibleName("Health")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tools())
        self._now, self._history = _List("Checks"), _List("Changes of the day")
        self.empty = EmptyState(
            theme,
            "health",
            "Nothing was checked yet",
            "Each part is asked in a moment. Check now asks all of them at once.",
        )
        self._stack = QStackedWidget()
        for page in (self.empty, self._now, self._history):
            self._stack.addWidget(page)
        column.addWidget(self._stack, 1)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    def _tools(self) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(Space.S, Space.S, Space.S, Space.XS)
        row.setSpacing(Space.S)
        self.summary, self.lamp = Pill(self._theme), Pill(self._theme)
        self.told = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.check = button(self._theme, "Check now", self.check_now, kind="quiet")
        self.changes = button(self._theme, "History", self._turn, kind="quiet")
        self.changes.setCheckable(True)
        self.arm = button(self._theme, "Arm", self.arm_or_disarm)
        for part in (self.check, self.arm):
            part.setEnabled(not self._read_only)
            part.setToolTip(VIEWING if self._read_only else "")
        for part in (self.summary, self.lamp):
            row.addWidget(part)
        row.addWidget(self.told, 1)
        for part in (self.changes, self.check, self.arm):
            row.addWidget(part)
        return box

    # What the buttons do.

    def check_now(self) -> None:
        """Make every check now."""
        self._busy("Checking everything...")
        ask(
            self._commands,
            self._commands.check_health(),
            "check-health",
            done=lambda _none: self._done(""),
            failed=self._done,
        )

    def arm_or_disarm(self) -> None:
        """Arm, or disarm; what hinders is said here."""
        if self._arming.armed:
            ask(self._commands, self._commands.disarm(), "disarm")
            return
        self._busy("Looking at every required check...")
        ask(
            self._commands,
            self._commands.arm(),
            "arm",
            done=lambda _none: self._done(""),
            failed=self._done,
        )

    def _busy(self, text: str) -> None:
        self.check.setEnabled(False)
        self.arm.setEnabled(False)
        self.told.set_text(text)

    def _done(self, text: str) -> None:
        self.check.setEnabled(not self._read_only)
        self.arm.setEnabled(not self._read_only)
        self._show_summary()
        if text:
            self.told.set_text(text)

    def _turn(self) -> None:
        self._rebuild()

    # What a frame shows.

    def _on_frame(self, frame: Frame) -> None:
        if frame.touched(HealthChanged, ArmingChanged):
            self._outdated = True
            self._show_summary()
        if self.isVisible():
            if self._outdated:
                self._rebuild()
            elif frame.heartbeat:
                self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the rows that changed while nobody looked: all of them take a frame or two."""
        super().showEvent(event)
        if self._outdated:
            self._rebuild()

    def _rebuild(self) -> None:
        self._outdated = False
        self._show_summary()
        found = self._findings.all()
        if not found:
            self._stack.setCurrentWidget(self.empty)
        elif self.changes.isChecked():
            self._history.fill(_changes(self._findings.changes(), self._theme))
            self._stack.setCurrentWidget(self._history)
        else:
            self._now.fill(self._sorted(found))
            self._stack.setCurrentWidget(self._now)
            self._follow()

    def _sorted(self, found: Sequence[Finding]) -> list[QWidget]:
        """What is not green on top, under one title; the rest by group."""
        parts: list[QWidget] = []
        self.rows = {}
        bad = [finding for finding in found if finding.check.state is not CheckState.OK]
        groups = {NEEDS_A_LOOK: bad} if bad else {}
        for finding in found:
            if finding.check.state is CheckState.OK:
                groups.setdefault(finding.group, []).append(finding)
        for title, members in groups.items():
            parts.append(GroupTitle(title, self._theme))
            for finding in members:
                row = FindingRow(finding, self._theme, with_group=title == NEEDS_A_LOOK)
                self.rows[finding.key] = row
                parts.append(row)
        return parts

    def _follow(self) -> None:
        now = self._wall.now_ns()
        for key, row in self.rows.items():
            finding = self._findings.get(key)
            if finding is not None:
                row.follow(finding, (now - finding.check.checked_at) / SECOND, finding.too_old(now))

    def _show_summary(self) -> None:
        found = self._findings.all()
        state = worst(found) if found else CheckState.UNKNOWN
        bad = sum(finding.check.state is state for finding in found)
        look = CHECK_LOOKS[state]
        text = SUMMARY_WORDS[state].format(n=bad) if found else "Not checked"
        self.summary.show_text(text, look.role, mark=look.mark)
        arming = ARMING_LOOKS[self._arming.armed]
        self.lamp.show_text(arming.text, arming.role, mark=arming.mark)
        self.arm.setText("Disarm" if self._arming.armed else "Arm")
        self.arm.setAccessibleName(self.arm.text())
        if self._read_only:
            self.told.set_text(VIEWING)
        elif self._arming.armed:
            self.told.set_text(self._arming.reason)
        else:
            self.told.set_text(self._arming.why_not() or "Nothing hinders arming.")


class _List(QScrollArea):
    """A column of parts that is filled anew."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, Space.S)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        inside = QWidget()
        inside.setLayout(self._column)
        self.setWidgetResizable(True)
        self.setWidget(inside)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self._parts: list[QWidget] = []

    def fill(self, parts: Sequence[QWidget]) -> None:
        """Show these, in the place of what was shown; it stays scrolled where it was."""
        where = self.verticalScrollBar().value()
        for old in self._parts:
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._parts = list(parts)
        for place, part in enumerate(parts):
            self._column.insertWidget(place, part)
        self.verticalScrollBar().setValue(where)


def _changes(changes: Sequence[Finding], theme: Theme) -> list[QWidget]:
    """Newest first."""
    return [ChangeRow(finding, theme) for finding in reversed(changes)]
