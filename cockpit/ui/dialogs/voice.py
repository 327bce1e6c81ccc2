"""The owner's voice rules: changed beside a preview of a recap, saved as a new revision."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, cast

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from cockpit.domain.errors import CockpitError
from cockpit.recap.own_rules import OwnRules
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.dialogs.confirm import confirm
from cockpit.ui.dialogs.voice_fields import MOOD_WORDS, VoiceFields
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import ElidedLabel, label, set_tone
from cockpit.ui.widgets.prose import air_out

if TYPE_CHECKING:
    from cockpit.app.recapping.voice_desk import Stand, Tried, VoiceDesk
    from cockpit.ui.actions import Spawn

PAUSE_MS = 350
MOST_SHOWN = 3
SHIPPED = 0
"""Stands among the revisions for no rules of one's own."""


class VoiceDialog(CockpitDialog):
    """Fields on the left, the preview and what the rules find in it on the right."""

    def __init__(self, theme: Theme, parent: QWidget | None, desk: VoiceDesk, spawn: Spawn) -> None:
        super().__init__(theme, "Voice rules", parent, width=760)
        self._desk, self._spawn = desk, spawn
        self._stand: Stand | None = None
        self._held = OwnRules()
        self._work: asyncio.Task[None] | None = None
        self._again = self._faulty = self.left = False
        self.fields = VoiceFields(theme)
        self.text = QTextBrowser()
        self.text.setAccessibleName("Preview of the recap")
        self.facts = QComboBox()
        self.facts.setAccessibleName("Facts of the preview")
        self.facts.addItem("Today's facts", False)
        self.facts.addItem("Made-up facts", True)
        self.caption = label(theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.found = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.said = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.revisions = QComboBox()
        self.revisions.setAccessibleName("Earlier revisions")
        self.revisions.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.back = button(theme, "Bring back", self.bring_back, name="Bring this revision back")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.preview)
        self._lay_out()
        self.fields.changed.connect(self._changed)
        self.facts.currentIndexChanged.connect(self._changed)
        self.begin(self._read())

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(Space.L)
        row.addWidget(self.fields, 1)
        row.addLayout(self._right(), 1)
        self.body.addLayout(row, 1)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(self.revisions)
        below.addWidget(self.back)
        place = ElidedLabel(self.theme, f"In {self._desk.place}", FontRole.CAPTION, "muted")
        below.addWidget(place, 1)
        self.body.addLayout(below)
        self.body.addWidget(self.said)
        self.save_button = self.end_with("Save", reject="Close")
        self.save_button.clicked.disconnect()
        self.save_button.clicked.connect(lambda _checked=False: self.save())
        self.save_button.setAutoDefault(False)
        self.save_button.setEnabled(False)
        self.resize(1080, 640)

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(Space.XS)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(label(self.theme, "Preview from", FontRole.CAPTION, "muted"))
        head.addWidget(self.facts)
        head.addStretch(1)
        right.addLayout(head)
        right.addWidget(self.caption)
        right.addWidget(self.text, 1)
        right.addWidget(self.found)
        return right

    @property
    def dirty(self) -> bool:
        """True while what is typed is not what holds."""
        return self._stand is not None and _apart(self.fields.rules) != _apart(self._held)

    @property
    def _may_save(self) -> bool:
        """A file that can't be used may be put aside without a word typed."""
        troubled = self._stand is not None and bool(self._stand.held.trouble)
        return (self.dirty or troubled) and not self._faulty

    async def _read(self) -> None:
        stand = await self._desk.read()
        if self.left:
            return
        self._stand = stand
        self.fields.put(stand.held.own, stand.shipped)
        self._held = self.fields.rules
        self.revisions.clear()
        for number in stand.revisions:
            self.revisions.addItem(f"Revision {number}", number)
        self.revisions.addItem("As it ships", SHIPPED)
        if stand.held.trouble:
            self.tell(f"{stand.held.trouble} Saving keeps it beside and starts anew.", "warning")
        else:
            revision = stand.held.voice.revision
            self.tell(f"Revision {revision} holds." if revision else "The rules that ship hold.")
        self._timer.start()

    def _changed(self) -> None:
        self.save_button.setEnabled(self._may_save)
        self._timer.start()

    def preview(self) -> None:
        """Write a recap under what is typed, and say what the rules find."""
        if self._work is not None:
            self._again = True
            return
        self.begin(self._preview())

    async def _preview(self) -> None:
        fields, wants_sample = self.fields, bool(self.facts.currentData())
        kind, rules = fields.kind, fields.rules
        try:
            tried = await self._desk.preview(kind, fields.mood, rules, made_up=wants_sample)
        except CockpitError as error:
            if not self.left:
                self._show_found(error.user_text, "muted")
                self.text.clear()
            return
        if self.left or (kind, rules) != (fields.kind, fields.rules):
            return  # it was typed on: the next preview is on its way
        self._show(tried, wants_sample=wants_sample)

    def _show(self, tried: Tried, *, wants_sample: bool) -> None:
        self._faulty = bool(tried.faults)
        self.fields.mark(tried.faults)
        self.save_button.setEnabled(self._may_save)
        if tried.faults:
            lines = [f"{self.fields.place_of(fault)}: {fault.words}" for fault in tried.faults]
            self.caption.setText("The preview waits until the rules below are mended.")
            self._show_lines(lines, "critical")
            return
        if not wants_sample and not tried.made_up:
            self.fields.follow(tried.mood)
        self.caption.setText(self._captioned(tried, wants_sample=wants_sample))
        self.text.setMarkdown(tried.markdown)
        air_out(self.text.document())
        self._show_lines(tried.findings, "warning" if tried.findings else "up")

    def _captioned(self, tried: Tried, *, wants_sample: bool) -> str:
        if tried.made_up:
            why = "" if wants_sample else "Today has nothing for this kind yet. "
            return f"{why}Made-up facts: no figure in it is yours."
        if tried.mood == self.fields.mood:
            return "Today's recap by the template writer, under these rules."
        today, chosen = MOOD_WORDS[tried.mood], MOOD_WORDS[self.fields.mood]
        return f'Today is "{today}"; made-up facts show the openings of "{chosen}".'

    def _show_lines(self, lines: list[str] | tuple[str, ...], tone: str) -> None:
        more = len(lines) - MOST_SHOWN
        shown = [*lines[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else ())]
        self._show_found("\n".join(shown) or "Nothing in it breaks the rules.", tone)

    def _show_found(self, words: str, tone: str) -> None:
        self.found.setText(words)
        set_tone(self.found, tone)

    def save(self) -> None:
        """Make what is typed hold, as a new revision."""
        if self._may_save:
            self.begin(self._saved())

    async def _saved(self) -> None:
        saved = await self._desk.save(self.fields.rules)
        await self._read()
        if not self.left:
            self.save_button.setEnabled(False)
            self.tell(f"Saved: revision {saved.revision} holds from the next recap on.", "up")

    def bring_back(self) -> None:
        """Put an earlier revision into the fields; it holds once it is saved."""
        number = self.revisions.currentData()
        if number is None:
            return
        if not self.dirty:
            self.begin(self._brought(number))
            return
        confirm(
            self.theme, self, title="Replace what you typed?", verb="Replace",
            text="What stands in the fields is not saved and gives way to what you bring back.",
            yes=lambda: self.begin(self._brought(number)),
        )  # fmt: skip

    async def _brought(self, number: int) -> None:
        stand = self._stand
        if stand is None:
            return
        own = OwnRules() if number == SHIPPED else await self._desk.kept(number)
        if self.left:
            return
        self.fields.put(own, stand.shipped)
        self._changed()
        name = self.revisions.itemText(self.revisions.findData(number))
        self.tell(f"{name} is in the fields. Save makes it hold, as a new revision.")

    def tell(self, words: str, tone: str = "muted") -> None:
        """Say how it stands."""
        self.said.setText(words)
        set_tone(self.said, tone)

    def reject(self) -> None:
        """Close; what is typed and not saved is asked about first."""
        if not self.dirty or self.left:
            self._leave()
            return
        confirm(
            self.theme, self, title="Leave without saving?", verb="Leave without saving",
            text="What you typed is not saved. The rules that hold stay as they are.",
            yes=self._leave,
        )  # fmt: skip

    def _leave(self) -> None:
        super().reject()

    def begin(self, body: Coroutine[Any, Any, None]) -> None:
        """Do one thing at a time, in turn."""
        before = self._work

        async def in_turn() -> None:
            if before is not None:
                await asyncio.wait([before])
            await self._done(body)

        self._work = cast("asyncio.Task[None]", self._spawn(in_turn(), "voice-rules"))

    async def _done(self, body: Coroutine[Any, Any, None]) -> None:
        mine = asyncio.current_task()
        try:
            await body
        except CockpitError as error:
            if not self.left:
                self.tell(error.user_text, "critical")
        finally:
            if self._work is mine:
                self._work = None
            if self._again and not self.left:
                self._again = False
                self._timer.start()

    def stop(self) -> None:
        """Leave; what is being written is finished."""
        self.left = True
        self._timer.stop()


def _apart(rules: OwnRules) -> OwnRules:
    """What rules say, apart from the number that a file gave them."""
    return msgspec.structs.replace(rules, revision=1)


async def show_voice(theme: Theme, parent: QWidget, desk: VoiceDesk, spawn: Spawn) -> None:
    """Open the dialog and wait until it is closed."""
    dialog = VoiceDialog(theme, parent, desk, spawn)
    try:
        await answered(dialog)
    finally:
        dialog.stop()
