"""What the menus do: each verb asks what it must and hands the rest to the core's commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMainWindow

from cockpit.app.recapping.voice_desk import VoiceDesk
from cockpit.domain.account import Mode
from cockpit.domain.alert import Severity
from cockpit.domain.limits import TradingState
from cockpit.domain.values import session_date
from cockpit.ui.alerting import AlertTeller, Desktop
from cockpit.ui.asking import ask
from cockpit.ui.chart_actions import ChartActions
from cockpit.ui.deck import Deck
from cockpit.ui.dialogs.about import show_about
from cockpit.ui.dialogs.accept import ask_accept
from cockpit.ui.dialogs.accounts import show_accounts
from cockpit.ui.dialogs.base import answered
from cockpit.ui.dialogs.cancel_all import may_cancel_all
from cockpit.ui.dialogs.export import ask_export, default_folder
from cockpit.ui.dialogs.jump import ask_time
from cockpit.ui.dialogs.layout_name import ask_layout_name
from cockpit.ui.dialogs.leave import Leave, ask_leave
from cockpit.ui.dialogs.limits import show_limits
from cockpit.ui.dialogs.palette import Palette
from cockpit.ui.dialogs.resume import may_call_it_a_day, may_resume
from cockpit.ui.dialogs.set_aside import show_set_aside
from cockpit.ui.dialogs.settings import show_settings
from cockpit.ui.dialogs.shortcuts import ShortcutsDialog, ask_keys
from cockpit.ui.dialogs.ticket import Draft
from cockpit.ui.dialogs.voice import show_voice
from cockpit.ui.layouts import Layouts
from cockpit.ui.models.business import business_of
from cockpit.ui.models.going import going_in
from cockpit.ui.models.palette import Entry, typed_order
from cockpit.ui.order_actions import OrderActions
from cockpit.ui.presence import Presence
from cockpit.ui.spawning import Spawn
from cockpit.ui.statement_import import StatementImport
from cockpit.ui.theme import Scheme, Theme
from cockpit.ui.trigger_actions import TriggerActions
from cockpit.ui.widgets.toast import Toasts

if TYPE_CHECKING:
    from pathlib import Path

    from cockpit.app.configuring.room import SettingsRoom
    from cockpit.app.core import Core

_ARMED = (
    "Keys place orders and automation acts alone now, until you disarm, nobody is here for a "
    "while, a connection goes or trading is held back."
)


class Actions:
    """Verbs of the window; one instance a core."""

    def __init__(
        self, core: Core, deck: Deck, window: QMainWindow, theme: Theme, spawn: Spawn
    ) -> None:
        self.core, self.deck, self._window = core, deck, window
        self._theme, self._spawn = theme, spawn
        self.toasts = Toasts(theme, deck)
        self.layouts: Layouts | None = None
        self._configures = False
        self.presence = Presence(window, core.arming)
        deck.header.arming.clicked.connect(lambda: deck.docks.show_panel("health"))
        deck.header.risk.clicked.connect(lambda: deck.docks.show_panel("risk"))
        deck.risk.change_requested.connect(self.limits)
        self._desktop = Desktop(theme, window)
        self.teller = AlertTeller(core.alerts, core.bus, self.toasts, window, self._desktop)
        deck.header.alerts.clicked.connect(lambda: deck.docks.show_panel("alerts"))
        deck.recap.export_requested.connect(self.export)
        deck.recovery.accept_requested.connect(self.accept_positions)
        self.orders = OrderActions(core, deck.linked, window, theme, self.toasts, spawn)
        self.statements = StatementImport(core, theme, window, spawn, deck.journal.accounts.changed)
        deck.orders.resolve_requested.connect(self.orders.resolve)
        deck.orders.change_requested.connect(self.orders.change)
        deck.positions.protect_requested.connect(self.orders.protect)
        deck.watchlist.blotter.activated.connect(self._order_for)
        self.charts = ChartActions(core, deck, self.orders, window, theme, self.toasts, spawn)
        self.triggers = TriggerActions(core, deck, window, theme, spawn)
        if deck.playback is not None:
            deck.playback.refused.connect(self.refused)

    def close(self) -> None:
        """Stop listening."""
        self.teller.close()
        self._desktop.close()

    # File

    def import_statement(self) -> None:
        """Ask for a broker's file, show what it says, and book it."""
        self.statements.ask()

    def export(self) -> None:
        """Ask where the recap goes, then write it."""
        self._spawn(self._export(), "export-recap")

    async def _export(self) -> None:
        """The recap that is shown, as it stands; without one the day's, written anew."""
        day = session_date(self.core.clock.now_ns()).isoformat()
        panel, commands = self.deck.recap, self.core.commands
        shown = panel.shown
        name = day if shown is None else f"{shown.kind}-{shown.day}"
        words = "" if shown is None else f"Goes out as it is shown: {shown.title}"
        choice = await ask_export(self._theme, self._window, name, default_folder(), words)
        if choice is None:
            return
        body = (
            commands.export_recap(day, "daily", choice, panel.hear)
            if shown is None
            else commands.save_recap_as(shown, choice, panel.hear)
        )
        panel.busy(body, "export-recap", self._exported)

    def _exported(self, path: Path) -> None:
        self.toasts.tell(Severity.INFO, "Recap exported", str(path))
        self.deck.recap.tell_exported(path)

    async def may_quit(self) -> bool:
        """Ask first when orders, positions or proposals are open, or a note is not saved."""
        core = self.core
        if core.viewing is not None:
            return True  # nothing here depends on this window
        look, note = partial(business_of, core), self.deck.journal.note.unsaved
        if not look() and not note:
            return True
        simulated = core.mode.simulated
        choice = await ask_leave(self._theme, self._window, look, note, simulated=simulated)
        if choice is Leave.SAVE_AND_QUIT and not await self.deck.journal.note.save_and_wait():
            self.deck.docks.show_panel("journal")
            return False
        return choice is not Leave.STAY

    # View

    def look(
        self,
        *,
        scheme: Scheme | None = None,
        blue_orange: bool | None = None,
        reduced_motion: bool | None = None,
    ) -> None:
        """Change the colours, or whether anything moves."""
        self._theme.set(scheme=scheme, blue_orange=blue_orange, reduced_motion=reduced_motion)

    def use_layout(self, name: str) -> None:
        """Show a named layout; the one in use stays as it stands."""
        if self.layouts is not None and not self.layouts.switch(name, self._window.size()):
            text = "It could not be used, so this is the default one under its name."
            self.toasts.tell(Severity.NOTICE, f"Layout {name}", text)

    def save_layout(self) -> None:
        """Ask for a name for the arrangement of now."""
        self._spawn(self._save_layout(), "save-layout")

    async def _save_layout(self) -> None:
        taken = () if self.layouts is None else self.layouts.names
        name = await ask_layout_name(self._theme, self._window, taken)
        if name and self.layouts is not None:
            self.layouts.save_as(name)

    def remove_layout(self) -> None:
        """Forget the layout in use and go back to the default one."""
        if self.layouts is not None:
            self.layouts.remove(self.layouts.current, self._window.size())

    def restore_layout(self) -> None:
        """Go back to the layout the program came with."""
        if self.layouts is not None:
            self.layouts.restore_default(self._window.size())

    # Trade

    def new_order(self) -> None:
        """Open the ticket for the chosen symbol."""
        self.orders.new_order()

    def _order_for(self, symbol: str) -> None:
        self.orders.new_order(Draft(symbol=symbol))

    def cancel_all(self) -> None:
        """Cancel every open order and kill every proposal; trading goes on.

        It asks first when what protects a position, or a proposal, goes with it.
        """
        if self.core.viewing is None and going_in(self.core).needs_a_word:
            self._spawn(self._may_cancel_all(), "may-cancel-all")
        else:
            self._cancel_all()

    async def _may_cancel_all(self) -> None:
        look = partial(going_in, self.core)
        if await may_cancel_all(self._theme, self._window, look):
            self._cancel_all()

    def _cancel_all(self) -> None:
        ask(self.core.commands, self.core.commands.cancel_all(), "cancel-all", done=self._canceled)

    def _canceled(self, _none: None) -> None:
        self.toasts.tell(Severity.INFO, "Cancel all sent", "The orders panel shows each answer.")

    def halt(self) -> None:
        """Let nothing new out."""
        ask(self.core.commands, self.core.commands.halt("Halted by you"), "halt")

    def done_for_today(self) -> None:
        """Halt until the day is over, after a look at what that means."""
        if self.core.viewing is not None:
            self.toasts.tell(Severity.INFO, "Done for today", "Say so in the cockpit you view.")
            return
        self._spawn(self._done_for_today(), "done-for-today")

    async def _done_for_today(self) -> None:
        simulated = self.core.mode.simulated
        if await may_call_it_a_day(self._theme, self._window, simulated=simulated):
            commands = self.core.commands
            ask(commands, commands.done_for_today(), "done-for-today")

    def resume(self) -> None:
        """Trade again, after a typed word."""
        self._spawn(self._resume(), "resume")

    async def _resume(self) -> None:
        switch = self.core.switch
        if switch.state is TradingState.ACTIVE:
            self.toasts.tell(Severity.INFO, "Trading is active already")
        elif self.core.lockout is not None and self.core.lockout.holds:
            lock = self.core.lockout.lock
            self.toasts.tell(Severity.WARNING, lock.title, lock.words)
        elif await may_resume(self._theme, self._window, switch.reason):
            ask(self.core.commands, self.core.commands.resume(), "resume")

    def arm(self) -> None:
        """Let keys place orders and automation act alone, if every required check is green."""
        core = self.core
        if core.arming.armed:
            self.toasts.tell(Severity.INFO, "It is armed already")
            return
        ask(core.commands, core.commands.arm(), "arm", done=lambda _none: self._armed())

    def _armed(self) -> None:
        self.toasts.tell(Severity.INFO, "Armed", _ARMED)

    def disarm(self) -> None:
        """Let keys place nothing and automation ask."""
        ask(self.core.commands, self.core.commands.disarm(), "disarm")

    def limits(self) -> None:
        """Show every limit, and change one."""
        core = self.core
        if core.viewing is not None:
            self.toasts.tell(Severity.INFO, "Limits", "They are changed in the cockpit you view.")
            return
        body = show_limits(self._theme, self._window, core.limit_desk, core.commands)
        self._spawn(body, "limits")

    # What ledger and broker don't agree about

    def accept_positions(self) -> None:
        """Take the broker's word for what is held, after a look at each difference."""
        self._spawn(self._accept(), "accept-positions")

    async def _accept(self) -> None:
        core = self.core
        differences = core.recovery.differences
        if not differences:
            return
        live = core.mode is Mode.LIVE
        chosen = await ask_accept(self._theme, self._window, differences, live=live)
        if chosen:
            ask(core.commands, core.commands.accept_differences(chosen), "accept-positions")

    def accounts(self) -> None:
        """Show the stored accounts."""
        desk = self.core.accounts
        if desk is not None:
            self._spawn(show_accounts(self._theme, self._window, desk, self._spawn), "accounts")

    def settings(self) -> None:
        """Show every setting, and change one; also the keys of data vendors."""
        room = self.core.configuring
        if room is None:
            text = "They are changed in the cockpit you view."
            self.toasts.tell(Severity.INFO, "Settings", text)
            return
        if not self._configures:
            self._configures = True
            self._spawn(self._settings(room), "settings")

    async def _settings(self, room: SettingsRoom) -> None:
        try:
            await show_settings(self._theme, self._window, room, self._spawn)
        finally:
            self._configures = False

    def voice(self) -> None:
        """Show the owner's voice rules, and change them."""
        core = self.core
        if core.viewing is not None:
            text = "They are changed in the cockpit you view."
            self.toasts.tell(Severity.INFO, "Voice rules", text)
            return
        desk = VoiceDesk(core.recaps, core.clock)
        self._spawn(show_voice(self._theme, self._window, desk, self._spawn), "voice-rules")

    def set_aside(self) -> None:
        """Show the prices that were not believed."""
        viewing = self.core.viewing is not None
        quality = self.core.ingest.quality
        body = show_set_aside(self._theme, self._window, quality, viewing=viewing)
        self._spawn(body, "set-aside")

    # Playback

    def jump(self) -> None:
        """Ask for a time and wind the session forward to it."""
        self._spawn(self._jump(), "jump")

    async def _jump(self) -> None:
        bar = self.deck.playback
        if bar is None:
            return
        target = await ask_time(self._theme, self._window, self.core.clock.now_ns())
        if target is not None:
            bar.seek(target)

    def refused(self, why: str) -> None:
        """Say why a wish about the playback could not be met."""
        self.toasts.tell(Severity.WARNING, "Playback", why)

    # Help

    def about(self) -> None:
        """Versions and licences."""
        self._spawn(show_about(self._theme, self._window), "about")

    def shortcuts(
        self,
        defaults: Mapping[str, str],
        keys: Mapping[str, str],
        choose: Callable[[Mapping[str, str]], None],
    ) -> None:
        """Every key that does something; `choose` gets those a person wants."""

        async def ask_them() -> None:
            dialog = ShortcutsDialog(self._theme, self._window, defaults, keys)
            wanted = await ask_keys(dialog)
            if wanted is not None:
                choose(wanted)

        self._spawn(ask_them(), "shortcuts")

    def palette(self, actions: Sequence[Entry]) -> None:
        """Find a symbol, a panel or an action by a few letters."""
        self._spawn(self._palette(actions), "palette")

    async def _palette(self, actions: Sequence[Entry]) -> None:
        link = self.deck.linked.current
        palette = Palette(
            self._theme, self._window, [*self.charts.symbols(link), *actions], self._typed
        )
        await answered(palette)
        if palette.chosen is not None:
            palette.chosen.run()

    def _typed(self, words: str) -> Entry | None:
        """An order that was typed, as an entry that fills the ticket."""
        typed = typed_order(words, self.core.book.symbols)
        if typed is None:
            return None
        text = f"Ticket: {' '.join(words.split())}"
        return Entry("Order", text, "sends nothing", lambda: self.orders.new_typed(typed))
