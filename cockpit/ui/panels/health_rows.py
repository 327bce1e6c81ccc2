"""The rows of the Health panel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cockpit.app.health.findings import Finding
from cockpit.ports.health import Check
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.labels import label, set_tone
from cockpit.ui.widgets.pill import Pill
from cockpit.ui.words import CHECK_LOOKS

STATE_WIDTH, NAME_WIDTH, AGE_WIDTH = 92, 132, 64
REQUIRED = "Required: it can't be armed while this is not green."


class GroupTitle(QWidget):
    """The heading over some rows."""

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.S, Space.M, Space.XXS)
        row.addWidget(label(theme, title[:1].upper() + title[1:], FontRole.CAPTION, "muted"))
        row.addStretch(1)


class FindingRow(QFrame):
    """State as word and shape, name, what was found, the next step, how long ago."""

    def __init__(self, finding: Finding, theme: Theme, *, with_group: bool) -> None:
        super().__init__()
        check = finding.check
        self._shown: Check | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.XXS, Space.M, Space.XXS)
        row.setSpacing(Space.S)
        pill = _pill(check, theme)
        row.addWidget(_boxed(pill, STATE_WIDTH), 0, Qt.AlignmentFlag.AlignTop)
        name = finding.name if with_group else check.name
        self._name = label(theme, name, FontRole.BODY, wrap=True)
        self._name.setFixedWidth(NAME_WIDTH)
        self._name.setToolTip(REQUIRED if check.required else "")
        row.addWidget(self._name, 0, Qt.AlignmentFlag.AlignTop)
        lower = max(0, (pill.sizeHint().height() - self._name.fontMetrics().height()) // 2)
        column = QVBoxLayout()
        column.setContentsMargins(0, lower, 0, 0)
        column.setSpacing(0)
        self._found = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self._step = label(theme, "", FontRole.BODY, wrap=True)
        column.addWidget(self._found)
        column.addWidget(self._step)
        column.addStretch(1)
        row.addLayout(column, 1)
        self._age = label(theme, "", FontRole.CAPTION, "faint")
        self._age.setFixedWidth(AGE_WIDTH)
        self._age.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._age, 0, Qt.AlignmentFlag.AlignTop)
        for words in (self._name, self._age):  # on the line of the pill's own word
            words.setContentsMargins(0, lower, 0, 0)

    def follow(self, finding: Finding, age_s: float, too_old: bool) -> None:
        """Show the latest words of the same state, and how long ago it was looked at."""
        check = finding.check
        if check is not self._shown:
            self._shown = check
            self._found.setText(check.found)
            self._step.setText(check.next_step)
            self._step.setVisible(bool(check.next_step))
            word = CHECK_LOOKS[check.state].text
            said = f"{finding.name}: {word}. {check.found} {check.next_step}"
            self.setAccessibleName(said.strip())
        self._age.setText(f"{fmt.age(max(0.0, age_s))} ago")
        set_tone(self._age, "warning" if too_old else "faint")
        self._age.setToolTip("Not looked at as it should have been" if too_old else "Last looked")


class ChangeRow(QFrame):
    """One change of a check's state."""

    def __init__(self, finding: Finding, theme: Theme) -> None:
        super().__init__()
        check = finding.check
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.M, Space.XXS, Space.M, Space.XXS)
        row.setSpacing(Space.S)
        when = label(theme, fmt.local_time(finding.since_ns), FontRole.CAPTION, "faint")
        when.setToolTip("This computer's time")
        when.setFixedWidth(AGE_WIDTH)
        row.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(_boxed(_pill(check, theme), STATE_WIDTH), 0, Qt.AlignmentFlag.AlignTop)
        words = f"{finding.name}: {check.found}"
        row.addWidget(label(theme, words, FontRole.BODY, "muted", wrap=True), 1)
        self.setAccessibleName(f"{CHECK_LOOKS[check.state].text}: {words}")


def _pill(check: Check, theme: Theme) -> Pill:
    look = CHECK_LOOKS[check.state]
    pill = Pill(theme)
    pill.show_text(look.text, look.role, mark=look.mark)
    return pill


def _boxed(part: QWidget, width: int) -> QWidget:
    """The part at the left of a fixed width, so that columns stand under each other."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(part)
    row.addStretch(1)
    box.setFixedWidth(width)
    return box
