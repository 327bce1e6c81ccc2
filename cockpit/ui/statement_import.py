"""File > Import statement...: a file, its preview, the booking, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QWidget

from cockpit.app.bookkeeping.errors import DoubleImportError, ImportStoppedError
from cockpit.app.bookkeeping.importing import Ask, import_beside, take_back
from cockpit.app.bookkeeping.writing import imports_of
from cockpit.domain.errors import CockpitError
from cockpit.ui.dialogs.export import default_folder
from cockpit.ui.dialogs.statement import StatementDialog

if TYPE_CHECKING:
    from cockpit.app.core import Core
    from cockpit.ui.theme import Theme


class StatementImport:
    """One conversation a file. `changed` hears of the accounts that it changed.

    It runs on real time: a simulated market goes on meanwhile.

    Whoever makes it keeps it: a dialog holds nobody alive who hears of its answer.
    """

    def __init__(
        self,
        core: Core,
        theme: Theme,
        window: QWidget,
        spawn: Callable[[Coroutine[Any, Any, None], str], object],
        changed: Callable[[Sequence[str]], object] = lambda _accounts: None,
    ) -> None:
        self._changed = changed
        self._accounts: Sequence[str] = ()
        self._core, self._theme, self._window, self._spawn = core, theme, window, spawn

    def ask(self) -> None:
        """Let the person choose a file."""
        dialog = QFileDialog(self._window, "Import a statement", str(default_folder()))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _chosen(self, path: str) -> None:
        self.begin(Path(path))

    def begin(self, path: Path) -> StatementDialog:
        """Read the file, and show what would be booked."""
        dialog = StatementDialog(self._theme, self._window, path.name)
        ask = Ask(file=path, preview=True)
        dialog.import_asked.connect(
            lambda: self._spawn(self._book(dialog, ask), "import-statement")
        )

        def undo(batch: str) -> None:
            self._spawn(self._take_back(dialog, batch), "undo-import")

        dialog.undo_asked.connect(undo)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self._spawn(self._preview(dialog, ask), "preview-statement")
        return dialog

    async def _preview(self, dialog: StatementDialog, ask: Ask) -> None:
        core = self._core
        dialog.working = True
        try:
            report = await import_beside(core.data_dir, imports_of(core), ask)
        except CockpitError as error:
            dialog.fail(error.user_text)
            return
        dialog.working = False
        if dialog.stopping:
            dialog.reject()
        else:
            dialog.show_preview(report)

    async def _book(self, dialog: StatementDialog, ask: Ask) -> None:
        core = self._core

        def told(done: int, bookings: int) -> None:
            if dialog.stopping:
                raise ImportStoppedError
            dialog.go_on(done, bookings)

        dialog.begin()
        doubles = dialog.doubles.wanted
        wanted = replace(ask, account=dialog.account, preview=False, doubles=doubles)
        try:
            report = await import_beside(core.data_dir, imports_of(core), wanted, told)
        except DoubleImportError:  # under the account that was typed meanwhile
            seen = replace(wanted, preview=True)
            dialog.ask_again(await import_beside(core.data_dir, imports_of(core), seen))
            return
        except CockpitError as error:
            dialog.fail(error.user_text)
            return
        self._accounts = report.accounts
        dialog.show_done(report)
        self._changed(report.accounts)

    async def _take_back(self, dialog: StatementDialog, batch: str) -> None:
        try:
            await take_back(imports_of(self._core), batch)
        except CockpitError as error:
            dialog.fail(error.user_text)
        else:
            dialog.show_undone()
            self._changed(self._accounts)
