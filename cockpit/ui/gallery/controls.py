"""Buttons, fields and choices in their states."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QWidget,
)

from cockpit.ports.entries import Tick
from cockpit.ui.gallery.board import Section, Specimen, row
from cockpit.ui.links import ALONE, GROUPS, Link
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button, icon_button
from cockpit.ui.widgets.hold_button import HoldButton
from cockpit.ui.widgets.labels import ElidedLabel, hairline, label
from cockpit.ui.widgets.link_badge import LinkBadge
from cockpit.ui.widgets.number_field import number_field
from cockpit.ui.widgets.segments import segments
from cockpit.ui.widgets.ticks import TickList

_KINDS = (("Send", "primary"), ("Approve", "approve"), ("Kill", "danger"), ("Close", ""),
          ("Attach", "quiet"))  # fmt: skip


def _nothing(_value: object = None) -> None:
    """What a specimen's button does."""


def _buttons(theme: Theme, *, enabled: bool) -> QWidget:
    made: list[QPushButton] = []
    for text, kind in _KINDS:
        one = button(theme, text, _nothing, kind=kind, icon="approve" if kind == "approve" else "")
        one.setEnabled(enabled)
        made.append(one)
    return row(*made)


def _icon_buttons(theme: Theme) -> QWidget:
    on = icon_button(theme, "star", "Starred", _nothing, checkable=True)
    on.setChecked(True)
    off = icon_button(theme, "pause", "Out of reach", _nothing)
    off.setEnabled(False)
    return row(icon_button(theme, "export", "Export", _nothing), on, off)


def _segments(theme: Theme, *, enabled: bool) -> QWidget:
    made = QWidget()
    made.setEnabled(enabled)
    line, _group = segments(theme, made, ("Trades", "Calendar", "Equity"), _nothing)
    line.setContentsMargins(0, 0, 0, 0)
    line.addStretch(1)
    made.setLayout(line)
    return made


def _kill(theme: Theme, *, enabled: bool, progress: float = 0.0) -> HoldButton:
    made = HoldButton(theme, "KILL SWITCH", "hold: halt + cancel all")
    made.setEnabled(enabled)
    if progress:
        made.stand_at(progress)
    return made


def _fields(theme: Theme) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(Space.S)
    number_field(theme, grid, 0, "Quantity", "shares")
    number_field(theme, grid, 1, "Limit", "price").setText("1,312.45")
    for column, text in ((2, ""), (3, "1,300.00")):
        off = number_field(theme, grid, column, "Trigger", "price")
        off.setText(text)
        off.setEnabled(False)
    return made


def _lines() -> QWidget:
    hint, typed = QLineEdit(), QLineEdit("PKTEST7")
    hint.setPlaceholderText("Search notes and #tags")
    typed.setEchoMode(QLineEdit.EchoMode.Password)
    for field, name in ((hint, "Search"), (typed, "Secret")):
        field.setAccessibleName(name)
    return row(hint, typed)


def _choices() -> QWidget:
    box, off = QComboBox(), QComboBox()
    for one, text in ((box, "Stop limit"), (off, "Day")):
        one.addItem(text)
        one.setAccessibleName(text)
    off.setEnabled(False)
    checked, plain = QCheckBox("Overwrite"), QCheckBox("Show what I type")
    checked.setChecked(True)
    chosen = QRadioButton("Paper")
    chosen.setChecked(True)
    return row(box, off, checked, plain, chosen)


def _choices_off() -> QWidget:
    made: list[QCheckBox | QRadioButton] = [QCheckBox("Overwrite"), QCheckBox("Show what I type")]
    made += [QRadioButton("Paper")]
    for one in (made[0], made[2]):
        one.setChecked(True)
    for one in made:
        one.setEnabled(False)
    return row(*made)


def _slider(*, enabled: bool) -> QSlider:
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(0, 100)
    made.setEnabled(enabled)
    made.setValue(40)
    made.setAccessibleName("Position in the session")
    return made


def _text(*, enabled: bool) -> QPlainTextEdit:
    made = QPlainTextEdit("Waited for the range, then took the first pullback.")
    made.setAccessibleName("Note")
    made.setEnabled(enabled)
    made.setFixedHeight(64)
    return made


def _ticks(theme: Theme) -> TickList:
    made = TickList(theme, "Rules followed", _nothing)
    made.show_ticks(("Planned before entry", "Stop set before entry", "Size as planned"),
                    (Tick("Stop set before entry", done=True),))  # fmt: skip
    return made


def _badges(theme: Theme) -> QWidget:
    made: list[LinkBadge] = []
    for group in (*GROUPS, ALONE):
        link = Link.alone()
        link.join(group)
        made.append(LinkBadge(theme, "Chart", link))
    return row(*made)


def _elided(theme: Theme) -> QWidget:
    made = ElidedLabel(theme, "A reason that is longer than the room there is for it", tone="muted")
    made.setFixedWidth(220)
    return row(made)


def _specimens(theme: Theme) -> Iterator[Specimen]:
    yield "Buttons", _buttons(theme, enabled=True)
    yield "Buttons out of reach", _buttons(theme, enabled=False)
    yield "Icon buttons: plain, on, out of reach", _icon_buttons(theme)
    yield (
        "One of several views, and out of reach",
        row(_segments(theme, enabled=True), _segments(theme, enabled=False)),
    )
    yield "Held to fire: at rest, half way, out of reach", row(
        _kill(theme, enabled=True), _kill(theme, enabled=True, progress=0.5),
        _kill(theme, enabled=False),
    )  # fmt: skip
    yield "Number fields: empty, typed, out of reach twice", _fields(theme)
    yield "Fields: a hint, a secret", _lines()
    yield "Choices", _choices()
    yield "Choices out of reach", _choices_off()
    yield "A slider, and one out of reach", row(_slider(enabled=True), _slider(enabled=False))
    yield "A note, and one out of reach", row(_text(enabled=True), _text(enabled=False))
    yield "Ticks", _ticks(theme)
    yield "Link groups, and none", _badges(theme)
    yield "An ellipsis where room ends", _elided(theme)
    yield "A hairline", hairline()
    yield (
        "A caption over a figure",
        row(
            label(theme, "Day P&L", FontRole.CAPTION, "muted"),
            label(theme, "+$312.40 \u25b2", FontRole.FIGURE, "up"),
        ),
    )


CONTROLS = Section("controls", "Buttons and fields", _specimens)
