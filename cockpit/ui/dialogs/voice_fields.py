"""The fields of the voice rules: an empty one leaves what ships; faulty lines are marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from cockpit.recap.kinds import KINDS
from cockpit.recap.own_rules import MOODS, Allowed, Fault, OwnRules
from cockpit.recap.voice import Ends, Voice
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.labels import label

MOOD_WORDS: Mapping[str, str] = {
    "win": "won", "loss": "lost", "level": "level", "none": "nothing closed",
    "carried": "only carried on", "smooth": "smooth", "rough": "rough", "up": "up",
    "down": "down", "mixed": "mixed", "several": "in several currencies",
}  # fmt: skip
"""What a mood is called on the screen."""


class VoiceFields(QWidget):
    """Tone, phrases, and the openings and closings of one kind and mood at a time."""

    changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._own, self._shipped = OwnRules(), Voice(name="", tone="", characters={}, phrases=())
        self._ends: dict[tuple[str, str], tuple[tuple[str, ...] | None, ...]] = {}
        self._filling = self._mood_is_chosen = False
        self._faults: tuple[Fault, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(Space.XS)
        self.tone = self._field("Tone, for a model that writes", 52)
        self.banned = self._field("Never say, one a line", 52)
        self.allowed = self._field("Say all the same, though the rules that ship forbid it", 40)
        self.kinds, self.moods = QComboBox(), QComboBox()
        self._column.addLayout(self._choice())
        self.openings = self._field("Openings, one a line", 62)
        self.closings = self._field("Closings, one a line", 62)

    @property
    def kind(self) -> str:
        """The kind of recap whose openings and closings are shown."""
        return str(self.kinds.currentData())

    @property
    def mood(self) -> str:
        """What the recap sounds like that they are for."""
        return str(self.moods.currentData())

    def _field(self, title: str, height: int) -> QPlainTextEdit:
        self._column.addWidget(label(self._theme, title, FontRole.CAPTION, "muted"))
        field = QPlainTextEdit()
        field.setAccessibleName(title)
        field.setTabChangesFocus(True)
        field.setMinimumHeight(height)
        field.textChanged.connect(self._typed)
        self._column.addWidget(field, 1)
        return field

    def _choice(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for title, box in (("Recap", self.kinds), ("that is", self.moods)):
            box.setAccessibleName("Recap" if box is self.kinds else "What it sounds like")
            row.addWidget(label(self._theme, title, FontRole.CAPTION, "muted"))
            row.addWidget(box, 1)
        for kind in MOODS:
            self.kinds.addItem(KINDS[kind].title, kind)
        self._list_moods()
        self.kinds.currentIndexChanged.connect(self._on_kind)
        self.moods.currentIndexChanged.connect(self._on_mood)
        self.moods.activated.connect(self._on_mood_chosen)
        return row

    @property
    def rules(self) -> OwnRules:
        """The rules as they are typed."""
        own = self._own
        kinds = {kind: self._ends_of(kind) for kind in MOODS}
        daily = kinds.pop("daily")
        return msgspec.structs.replace(
            own,
            tone=self.tone.toPlainText().strip(),
            forbidden=msgspec.structs.replace(own.forbidden, phrases=_lines(self.banned)),
            allowed=Allowed(phrases=_lines(self.allowed)),
            intro=daily.intro,
            closing=daily.closing,
            kinds={kind: ends for kind, ends in kinds.items() if ends.intro or ends.closing},
        )

    def put(self, own: OwnRules, shipped: Voice) -> None:
        """Show these rules; what ships is seen where they say nothing."""
        self._own, self._shipped = own, shipped
        self._ends.clear()
        for kind, field, by_mood in own.ends():
            place = 0 if field.endswith("intro") else 1
            for mood, texts in by_mood.items():
                both = list(self._ends.get((kind, mood), (None, None)))
                both[place] = texts
                self._ends[kind, mood] = tuple(both)
        self._filling = True
        self.tone.setPlaceholderText(" ".join(shipped.tone.split()))
        self.tone.setPlainText(own.tone.strip())
        self.banned.setPlaceholderText("Besides: " + ", ".join(shipped.phrases))
        self.banned.setPlainText("\n".join(own.forbidden.phrases))
        self.allowed.setPlaceholderText("None")
        self.allowed.setPlainText("\n".join(own.allowed.phrases))
        self._filling = False
        self._show_ends()

    def follow(self, mood: str) -> None:
        """Show the openings and closings of a mood, unless one was chosen or is typed in."""
        if not self._mood_is_chosen and mood in MOODS[self.kind]:
            self.moods.setCurrentIndex(self.moods.findData(mood))

    def mark(self, faults: Sequence[Fault]) -> None:
        """Underline the lines that have a fault, in the fields that are shown."""
        self._faults = tuple(faults)
        for field in (self.tone, self.banned, self.allowed, self.openings, self.closings):
            mine = (f for f in self._faults if self._field_of(f.field) is field)
            field.setExtraSelections(list(self._underlined(field, mine)))

    def place_of(self, fault: Fault) -> str:
        """Where a fault is, as this form calls it: field, recap, and the line in it."""
        field = self._field_of(fault.field)
        kind, side, mood = _end_of(fault.field)
        if side:
            name = "Openings" if side == "intro" else "Closings"
            of = KINDS[kind].title if kind in KINDS else kind
            name = f"{name} of {of}, {MOOD_WORDS.get(mood, mood)}"
        else:
            named = {"tone": "Tone", "forbidden.phrases": "Never say"}
            name = named.get(fault.field, "Say all the same" if field else fault.field)
        line = self._line_of(fault, field)
        return f"{name}, line {line + 1}" if line is not None else name

    def _field_of(self, rule: str) -> QPlainTextEdit | None:
        """The field of a rule, if it is shown."""
        fixed = {"tone": self.tone, "forbidden.phrases": self.banned}
        if rule in fixed or rule == "allowed.phrases":
            return fixed.get(rule, self.allowed)
        kind, side, mood = _end_of(rule)
        if side and (kind, mood) == (self.kind, self.mood):
            return self.openings if side == "intro" else self.closings
        return None

    def _line_of(self, fault: Fault, field: QPlainTextEdit | None) -> int | None:
        """Which line of its field says it, from 0; None where none can be named."""
        kind, side, mood = _end_of(fault.field)
        if field is not None:
            lines = [line.strip() for line in field.toPlainText().splitlines()]
        else:
            both = self._ends.get((kind, mood), (None, None))
            lines = list((both[0] if side == "intro" else both[1]) or ())
        said = fault.said.strip()
        return lines.index(said) if said in lines and said else None

    def _underlined(
        self, field: QPlainTextEdit, faults: Iterable[Fault]
    ) -> Iterable[QTextEdit.ExtraSelection]:
        wave = QTextCharFormat()
        wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        wave.setUnderlineColor(QColor(self._theme.colours.critical))
        for fault in faults:
            line = self._line_of(fault, field)
            made = QTextEdit.ExtraSelection()
            cursor = QTextCursor(field.document())
            if line is None:
                cursor.select(QTextCursor.SelectionType.Document)
            else:
                cursor = QTextCursor(field.document().findBlockByNumber(line))
                cursor.select(QTextCursor.SelectionType.LineUnderCursor)
            made.cursor, made.format = cursor, wave  # pyright: ignore[reportAttributeAccessIssue] -- the stubs call them methods
            yield made

    def _ends_of(self, kind: str) -> Ends:
        made: tuple[dict[str, tuple[str, ...]], ...] = ({}, {})
        for (of, mood), both in self._ends.items():
            for texts, by_mood in zip(both, made, strict=True):
                if of == kind and texts is not None:
                    by_mood[mood] = texts
        return Ends(intro=made[0], closing=made[1])

    def _list_moods(self) -> None:
        self.moods.clear()
        for mood in MOODS[self.kind]:
            self.moods.addItem(MOOD_WORDS[mood], mood)

    def _on_kind(self, _index: int = 0) -> None:
        self._filling = True
        self._list_moods()
        self._filling = self._mood_is_chosen = False
        self._show_ends()
        self.changed.emit()

    def _on_mood(self, _index: int = 0) -> None:
        if not self._filling:
            self._show_ends()

    def _on_mood_chosen(self, _index: int = 0) -> None:
        self._mood_is_chosen = True
        self.changed.emit()

    def _show_ends(self) -> None:
        self._filling = True
        shipped = self._shipped.ends.get(self.kind, Ends())
        both = self._ends.get((self.kind, self.mood), (None, None))
        for field, own, below in zip(
            (self.openings, self.closings), both, (shipped.intro, shipped.closing), strict=True
        ):
            field.setPlaceholderText(_shown(below, self.mood))
            field.setPlainText("\n".join(own or ()))
            field.viewport().update()  # an empty field would keep parts of the hint before
        self._filling = False
        self.mark(self._faults)

    def _typed(self) -> None:
        if self._filling:
            return
        where = self.kind, self.mood
        before = self._ends.get(where, (None, None))
        typed = (_lines(self.openings), _lines(self.closings))
        # a list that is empty in the file means none, and stays so until something is typed
        self._ends[where] = tuple(
            now or (() if was == () else None) for now, was in zip(typed, before, strict=True)
        )
        self._mood_is_chosen = self._mood_is_chosen or any(typed)
        self.changed.emit()


def _end_of(rule: str) -> tuple[str, str, str]:
    """Kind, `intro` or `closing`, and mood of a rule such as `kinds.weekly.intro.win`."""
    parts = rule.split(".")
    kind = parts[1] if parts[0] == "kinds" and len(parts) > 1 else "daily"
    rest = parts[2:] if parts[0] == "kinds" else parts
    if len(rest) < 2 or rest[0] not in ("intro", "closing"):
        return kind, "", ""
    return kind, rest[0], rest[1]


def _lines(field: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(line.strip() for line in field.toPlainText().splitlines() if line.strip())


def _shown(by_mood: Mapping[str, tuple[str, ...]], mood: str) -> str:
    texts = by_mood.get(mood, ())
    return "As it ships:\n" + "\n".join(texts) if texts else "As it ships: none"
