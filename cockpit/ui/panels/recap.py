"""The recap: drafted from facts on request; every figure opens what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QMargins, QUrl, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QPlainTextEdit,
    QStackedWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from cockpit.domain.events import FillBooked, FillBusted, PositionAdjusted, TradeClosed
from cockpit.domain.fact import Fact
from cockpit.domain.values import session_date
from cockpit.ports.store import StoredRecap
from cockpit.recap.kinds import period_on
from cockpit.recap.state import state_of
from cockpit.ui.asking import ask
from cockpit.ui.bridge import Bridge, Frame
from cockpit.ui.panels.recap_choice import RecapChoice
from cockpit.ui.panels.recap_earlier import EarlierRecaps, told_of
from cockpit.ui.panels.recap_work import Work
from cockpit.ui.recap_beside import behind_figure, beside_journal
from cockpit.ui.recap_links import decode_facts, linked
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.theme import format as fmt
from cockpit.ui.widgets.buttons import button, icon_button
from cockpit.ui.widgets.empty import EmptyState
from cockpit.ui.widgets.flow import FlowRow
from cockpit.ui.widgets.labels import ElidedLabel, set_tone
from cockpit.ui.widgets.prose import air_out, unbroken
from cockpit.ui.widgets.side_by_side import SideBySide

if TYPE_CHECKING:
    from cockpit.app.commands import Commands
    from cockpit.journal.journal import Journal
    from cockpit.ports.clock import Clock

T = TypeVar("T")
_MOST_SOURCES = 200


class RecapPanel(QWidget):
    """Kind and period above; the recap on the left, the clicked figure's fact on the right."""

    export_requested = Signal()

    def __init__(
        self, journal: Journal, commands: Commands, clock: Clock, bridge: Bridge, theme: Theme
    ) -> None:
        super().__init__()
        self._journal, self._commands, self._clock, self._theme = journal, commands, clock, theme
        self._facts: dict[str, Fact] = {}
        self._recap: StoredRecap | None = None
        self._work: Work[Any] | None = None
        self.setAccessibleName("Recap panel")
        self._build()
        theme.changed.connect(self._draw)
        self.destroyed.connect(bridge.on_frame(self._on_frame))

    @property
    def day(self) -> str:
        """The day that was chosen, else the session's New York day; ISO 8601."""
        return self.choice.day or session_date(self._clock.now_ns()).isoformat()

    @property
    def shown(self) -> StoredRecap | None:
        """The recap that is shown."""
        return self._recap

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tools())
        column.addLayout(self._state_lines())
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setProperty("kind", "bare")
        self.text.setAccessibleName("Recap")
        self.text.anchorClicked.connect(self._on_link)
        self.fact = QPlainTextEdit()
        self.fact.setReadOnly(True)
        self.fact.setAccessibleName("Fact behind the figure")
        self.fact.hide()  # the text has all the room until a figure is asked about
        self.text.setToolTip("Click a figure to see its fact, its formula and its fills.")
        splitter = SideBySide(self.text, self.fact, (600, 300))
        self._empty = EmptyState(
            self._theme,
            "recap",
            "No recap yet",
            "Press Draft recap to have the day written from its facts. "
            "You can export it from here or from the File menu.",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(splitter)
        column.addWidget(self._stack, 1)

    def _tools(self) -> FlowRow:
        row = FlowRow(margins=QMargins(Space.M, Space.S, Space.M, Space.S))
        self.choice = RecapChoice(self._journal)
        self.draft_button = button(
            self._theme, "Draft recap", self.draft, kind="primary", icon="draft"
        )
        self.cancel_button = button(self._theme, "Cancel", self.call_off, name="Cancel recap")
        self.cancel_button.hide()
        self.approve_button = button(
            self._theme, "Approve", self.approve, name="Approve recap",
            tooltip="Its words and figures are yours from now on; an export says so.",
        )  # fmt: skip
        self.earlier = EarlierRecaps(self._theme, self._commands, self.open, self._failed)
        self.copy_button = icon_button(self._theme, "copy", "Copy recap as Markdown", self.copy)
        self.export_button = button(
            self._theme, "Export...", self.export_requested.emit, icon="export", name="Export recap"
        )
        self.told = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.copy_button.setEnabled(False)
        self.approve_button.setEnabled(False)
        for widget in (
            self.choice, self.draft_button, self.cancel_button, self.approve_button,
            self.earlier.button, self.copy_button, self.export_button,
        ):  # fmt: skip
            row.addWidget(widget)
        return row

    def _state_lines(self) -> QVBoxLayout:
        """How the recap stands: lines of their own, for beside the buttons they would be cut."""
        lines = QVBoxLayout()
        lines.setContentsMargins(Space.M, 0, Space.M, 0)
        lines.setSpacing(Space.XXS)
        self.beside = ElidedLabel(self._theme, "", FontRole.CAPTION, "muted")
        self.beside.hide()
        lines.addWidget(self.told)
        lines.addWidget(self.beside)
        return lines

    def draft(self) -> None:
        """Have the chosen recap written anew."""
        self._say("Writing...")
        kind, trade_id = self.choice.kind, self.choice.trade_id
        body = self._commands.draft_recap(self.day, kind, trade_id, self.hear)
        self.busy(body, "draft-recap", self.show_recap)

    def busy(self, body: Coroutine[Any, Any, T], name: str, done: Callable[[T], None]) -> None:
        """Run something that can be called off; meanwhile nothing else is asked for."""
        self._work = Work(body, done)
        self._set_busy(on=True)
        ask(self._commands, self._work.run(), name, done=self._over, failed=self._failed)

    def call_off(self) -> None:
        """Stop what is on its way; nothing is stored or left behind by it."""
        if self._work is not None:
            self._work.cancel()

    def hear(self, words: str) -> None:
        """How far it is; from any thread."""
        if self._work is not None:
            self._work.tell(self._say, words)

    def copy(self) -> None:
        """Put the recap into the clipboard, as Markdown."""
        if self._recap is not None:
            QGuiApplication.clipboard().setText(self._recap.markdown)
            self._say("Copied as Markdown.")

    def approve(self) -> None:
        """Make the draft that is shown the owner's own; the core refuses a stale one."""
        if self._recap is not None:
            body = self._commands.approve_recap(self._recap.recap_id)
            ask(self._commands, body, "approve-recap", done=self._on_state, failed=self._failed)

    def open(self, recap_id: int) -> None:
        """Show one that was written before, with its state of now."""
        body = self._commands.open_recap(recap_id)
        ask(self._commands, body, "open-recap", done=self.show_recap, failed=self._failed)

    def tell_exported(self, path: Path) -> None:
        """Where the file is, for longer than a message stands."""
        said, recap = f"Exported to {path}", self._recap
        if recap is None or not recap.stale:
            self._say(said)
        else:  # a path may not hide that the figures are not those of now
            self._say(f"{said}. {told_of(recap, len(self._facts))}", "warning")

    def _on_state(self, recap: StoredRecap) -> None:
        """The recap that is shown stands otherwise now."""
        if self._recap is None or self._recap.recap_id != recap.recap_id:
            return
        self._recap = recap
        self.approve_button.setEnabled(state_of(recap) == "draft")
        self._say(told_of(recap, len(self._facts)), "warning" if recap.stale else "muted")
        facts = tuple(self._facts.values())
        beside = "" if recap.stale else beside_journal(recap.kind, recap.day, facts, self._journal)
        self.beside.set_text(beside)
        self.beside.setVisible(bool(beside))

    def _over(self, finished: bool) -> None:
        self._set_busy(on=False)
        if not finished:
            self._say("Called off; nothing was stored.")

    def _set_busy(self, *, on: bool) -> None:
        for widget in (self.choice, self.draft_button, self.export_button):
            widget.setEnabled(not on)
        self.cancel_button.setVisible(on)

    def show_recap(self, recap: StoredRecap) -> None:
        """Show a recap and let its figures be clicked."""
        self._recap = recap
        self._facts = {fact.id: fact for fact in decode_facts(recap.facts_json)}
        self.copy_button.setEnabled(True)
        self._on_state(recap)
        self.fact.clear()
        self.fact.hide()
        self._draw()
        self._stack.setCurrentIndex(1)

    def _draw(self) -> None:
        if self._recap is None:
            return
        colours = self._theme.colours
        document = self.text.document()
        document.setDefaultFont(self._theme.font())
        document.setDefaultStyleSheet(f"a {{ color: {colours.accent}; text-decoration: none; }}")
        document.setDocumentMargin(Space.S)
        told = linked(self._recap.markdown, tuple(self._facts.values()))
        self.text.setMarkdown(unbroken(told))
        air_out(document)

    def _on_link(self, url: QUrl) -> None:
        fact = self._facts.get(url.toString().partition(":")[2])
        if fact is not None:
            self.show_fact(fact)

    def show_fact(self, fact: Fact) -> None:
        """What a figure means, how it is reckoned, and the fills it rests on."""
        self.fact.show()
        recap = self._recap
        beside = behind_figure(recap.kind, recap.day, fact, self._journal) if recap else ""
        self.fact.setPlainText(fact_text(fact, self._fill_lines(fact), beside))

    def _fill_lines(self, fact: Fact) -> list[str]:
        """The fills, or whatever else the fact rests on: orders, bars, an address."""
        wanted = set(fact.provenance)
        return self._fills(wanted) or list(fact.provenance[:_MOST_SOURCES])

    def _fills(self, wanted: set[str]) -> list[str]:
        return [
            f"{fmt.new_york_time(fill.ts_event)}  {fill.side.value.upper():<4} "
            f"{fmt.quantity(fill.quantity)} {fill.symbol} @ {fmt.price(fill.price)}, "
            f"fee {fmt.money(fill.fee)}"
            for fill in self._journal.fills()
            if fill.execution_id in wanted
        ]

    def _on_frame(self, frame: Frame) -> None:
        if TradeClosed in frame.topics:
            self.choice.refresh()
        recap = self._recap
        if recap is None or recap.stale or recap.kind == "digest":
            return
        corrected = FillBusted in frame.topics or PositionAdjusted in frame.topics
        if corrected or (FillBooked in frame.topics and self._goes_on(recap)):
            body = self._commands.open_recap(recap.recap_id)
            ask(self._commands, body, "look-at-recap", done=self._on_state, failed=self._failed)

    def _goes_on(self, recap: StoredRecap) -> bool:
        """Whether a fill of now would be one of its period: most are not of an old recap's."""
        today = session_date(self._clock.now_ns()).isoformat()
        return recap.kind != "post-mortem" and period_on(recap.kind, today) == recap.day

    def _failed(self, why: str) -> None:
        self._set_busy(on=False)
        self._say(why, "warning")

    def _say(self, words: str, tone: str = "muted") -> None:
        self.told.set_text(words)
        set_tone(self.told, tone)


def fact_text(fact: Fact, fills: list[str], beside: str = "") -> str:
    """A fact in full, as plain text; `beside` is what else is told of it."""
    lines = [
        f"{fact.label}: {fact.text}",
        "",
        f"Period: {fact.period}",
        f"Formula: {fact.definition}",
    ]
    if fact.undefined:
        lines.append(f"Not defined: {fact.undefined}")
    if beside:
        lines += ["", beside]
    lines += ["", f"Rests on ({len(fact.provenance)}):" if fact.provenance else "Rests on no fill."]
    return "\n".join([*lines, *fills])
