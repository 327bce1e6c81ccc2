"""The chosen setting: what it means, where it comes from, and a field to change it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cockpit.app.configuring.desk import Judged, Setting, SettingsDesk
from cockpit.ui.dialogs.setting_field import SettingField
from cockpit.ui.models.settings import about
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label, set_tone

_WRITTEN_OUT = "It holds already, as a default. Change writes it into the settings file as it is."


class SettingDetail(QWidget):
    """Judges while one types; `change_wanted` carries the new text, None for the default."""

    change_wanted = Signal(object, str)  # text or None, typed words

    def __init__(self, theme: Theme, desk: SettingsDesk) -> None:
        super().__init__()
        self._desk = desk
        self.setting: Setting | None = None
        self.name = label(theme, "", FontRole.STRONG)
        self.meaning = label(theme, "", FontRole.BODY, wrap=True)
        self.about = label(theme, "", FontRole.CAPTION, "muted", wrap=True)
        self.note = label(theme, "", FontRole.CAPTION, "warning", wrap=True)
        self.field = SettingField(theme)
        self.typed = QLineEdit()
        self.said = label(theme, "", FontRole.BODY, "muted", wrap=True)
        self.go = button(theme, "Change", self._go, kind="primary", name="Change setting")
        self.reset = button(theme, "Use the default", self._reset)
        self.field.edited.connect(self.judge)
        self.typed.textChanged.connect(self.judge)
        self.field.entered.connect(self.go.click)
        self.typed.returnPressed.connect(self.go.click)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self.field, 1)
        row.addWidget(self.typed, 1)
        row.addWidget(self.go)
        row.addWidget(self.reset)
        for part in (self.name, self.meaning, self.about, self.note):
            column.addWidget(part)
        column.addSpacing(Space.XS)
        column.addLayout(row)
        column.addWidget(self.said)
        self.typed.hide()
        self.said.setMinimumHeight(self.said.fontMetrics().height() * 2)

    def show_setting(self, setting: Setting | None) -> None:
        """Show another one; what was typed for the last is gone."""
        self.setting = setting
        self.setEnabled(setting is not None)
        if setting is None:
            for part in (self.name, self.meaning, self.about, self.note):
                part.clear()
            return
        known = setting.known
        self.name.setText(known.dotted)
        self.meaning.setText(known.meaning)
        self.about.setText(about(setting))
        self.note.setText(setting.note)
        self.note.setVisible(bool(setting.note))
        self.field.ask_for(known.dotted, known.shape, setting.next)
        self.typed.clear()
        self.reset.setVisible(setting.written is not None)
        self.judge()

    def judge(self) -> None:
        """Say what the change would do, and let it be made when nothing is missing."""
        setting = self.setting
        if setting is None:
            return
        judged = self._desk.judge(setting.known, self.field.text())
        self._ask_for(judged.phrase)
        ready = not judged.refused and not judged.same
        self.go.setEnabled(ready and self.typed.text().strip() == judged.phrase)
        keeps = self.field.text().strip() == setting.next and setting.value == setting.next
        told = _WRITTEN_OUT if keeps and not judged.same else _told(judged)
        self.say(told, "critical" if judged.refused else "muted")

    def _ask_for(self, phrase: str) -> None:
        self.typed.setVisible(bool(phrase))
        self.typed.setPlaceholderText(f"Type {phrase}")
        self.typed.setAccessibleName(f"Type {phrase}")

    def say(self, text: str, tone: str) -> None:
        """Tell what came of it."""
        self.said.setText(text)
        self.said.setAccessibleName(text)
        set_tone(self.said, tone)

    def _go(self) -> None:
        self.change_wanted.emit(self.field.text(), self.typed.text())

    def _reset(self) -> None:
        """Back to the default; where that loosens a live limit the words are asked for first."""
        if self.setting is None:
            return
        judged = self._desk.judge(self.setting.known, None)
        if judged.refused:
            self.say(judged.refused, "critical")
        elif judged.phrase and self.typed.text().strip() != judged.phrase:
            self.field.ask_for(
                self.setting.known.dotted, self.setting.known.shape, self.setting.known.default
            )
            self._ask_for(judged.phrase)
            self.say(_told(judged), "muted")
        else:
            self.change_wanted.emit(None, self.typed.text())


def _told(judged: Judged) -> str:
    if judged.refused or judged.same:
        return judged.refused
    if not judged.at_once:
        return "It is written into the settings file and holds from the next start on."
    if not judged.looser:
        return "It is not looser than now. It holds at once and is written into the settings file."
    if not judged.phrase:
        return "More will be allowed than now. It is written into the settings file, too."
    return f"More will be allowed than now, with real money. Type {judged.phrase} to confirm it."
