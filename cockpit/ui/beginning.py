"""What a person is asked before the core starts: what to begin with, passphrase, real money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from cockpit.domain.account import Mode
from cockpit.ui.dialogs.account import ask_account
from cockpit.ui.dialogs.first_run import Beginning, ask_beginning
from cockpit.ui.dialogs.live import ask_live
from cockpit.ui.dialogs.passphrase import ask_passphrase

if TYPE_CHECKING:
    from cockpit.app.launch import Launch
    from cockpit.app.signing.vaults import PassphraseRequest
    from cockpit.ui.main_window import MainWindow
    from cockpit.ui.spawning import Spawn
    from cockpit.ui.theme import Theme


async def settled(launch: Launch, window: MainWindow, theme: Theme, spawn: Spawn) -> Launch | None:
    """What to start after all; None when the person rather leaves.

    Raises SettingsError, PluginError and AccountError.
    """
    typed: dict[Path, str] = {}  # the session opens the vault once more: nobody types twice

    async def ask(request: PassphraseRequest) -> str | None:
        if not request.problem and request.vault in typed:
            return typed[request.vault]
        parent = QApplication.activeModalWidget() or window
        text = await ask_passphrase(theme, parent, request.vault, request.problem, new=request.new)
        typed.update({} if text is None else {request.vault: text})
        return text

    asking = replace(launch, ask_passphrase=ask)
    if launch.first:
        return await _chosen(asking, window, theme, spawn)
    return await _confirmed(asking, window, theme) if asking.mode is Mode.LIVE else asking


async def _chosen(launch: Launch, window: MainWindow, theme: Theme, spawn: Spawn) -> Launch | None:
    """The demo, or a paper account that is stored by then."""
    from cockpit.app.signing.desk import desk_of
    from cockpit.app.starting import demo_of, launch_of_settings

    window.start_view.rest()
    desk = desk_of(launch.data_dir, launch.config, launch.ask_passphrase)
    while True:
        kind = await ask_beginning(theme, window)
        if kind is None:
            return None
        if kind is Beginning.DEMO:
            window.start_view.say("Starting the demo...")
            return replace(demo_of(launch), ask_passphrase=launch.ask_passphrase)
        added = await ask_account(theme, window, desk, spawn)
        if added is not None:
            name = added[0].name
            window.start_view.say(f"Starting with {name}...")
            began = launch_of_settings(launch.data_dir, launch.config, account=name)
            return replace(began, ask_passphrase=launch.ask_passphrase, verbose=launch.verbose)


async def _confirmed(launch: Launch, window: MainWindow, theme: Theme) -> Launch | None:
    from cockpit.app.signing.choosing import limits_for_live, needs_word

    if not needs_word(launch):
        return launch
    limits = limits_for_live(launch.config)
    typed = await ask_live(theme, window, launch.account, limits)
    return replace(launch, confirmed=typed) if typed else None
