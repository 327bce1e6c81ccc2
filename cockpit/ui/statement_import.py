"""File > Import statement...: a file, its preview, the booking, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QWidget

from cockpit.app.bookkeeping.errors import DoubleImportError, ImportStoppedError
from cockpit.app.bookkeeping.importing import (
    Ask,
    Progress,
    columns_beside,
    import_beside,
    take_back,
)
from cockpit.app.bookkeeping.writing import imports_of
from cockpit.domain.errors import CockpitError
from cockpit.journal.statements.errors import ColumnsError
from cockpit.ui.dialogs.export import default_folder
from cockpit.ui.dialogs.statement import StatementDialog

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.report import ImportReport
    from cockpit.app.core import Core
    from cockpit.ui.theme import Theme

_UNKNOWN = (
    "This is none of the known statements. Say which column of the table holds what, then it is "
    "read line by line; nothing is booked before you have seen that."
)
_AGAIN = "Say which column of the table holds what. Nothing is booked before you have seen it read."


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
        self._talks: dict[StatementDialog, _Talk] = {}
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
        talk = _Talk(self._core, dialog, path, self._changed)
        self._talks[dialog] = talk
        asked = {
            "import-statement": (dialog.import_asked, talk.book),
            "undo-import": (dialog.undo_asked, talk.take_back),
            "read-columns": (dialog.columns_told, talk.read_again),
            "show-columns": (dialog.columns_asked, talk.show_columns),
        }
        for name, (signal, act) in asked.items():
            signal.connect(partial(self._begin, act, name))
        dialog.finished.connect(partial(self._end, dialog))
        dialog.open()
        self._spawn(talk.preview(), "preview-statement")
        return dialog

    def _begin(
        self, act: Callable[[], Coroutine[Any, Any, None]], name: str, *_told: object
    ) -> None:
        self._spawn(act(), name)

    def _end(self, dialog: StatementDialog, _result: int) -> None:
        self._talks.pop(dialog, None)
        dialog.deleteLater()


class _Talk:
    """What is said about one file, and what was decided so far."""

    def __init__(
        self,
        core: Core,
        dialog: StatementDialog,
        file: Path,
        changed: Callable[[Sequence[str]], object],
    ) -> None:
        self._core, self._dialog, self._changed = core, dialog, changed
        self._ask = Ask(file=file, preview=True)
        self._batch = ""
        self._accounts: Sequence[str] = ()

    async def preview(self) -> None:
        """Read the file, and show what would be booked, or ask for its columns."""
        dialog = self._dialog
        dialog.working = True
        try:
            report = await self._imported(self._ask)
        except ColumnsError as error:
            await self.show_columns(error)
            return
        except CockpitError as error:
            dialog.fail(error.user_text)
            return
        dialog.working = False
        if dialog.stopping:
            dialog.reject()
        else:
            dialog.show_preview(report)

    async def show_columns(self, why: ColumnsError | None = None) -> None:
        """Let the person say which column holds what; what was said before stands there."""
        dialog = self._dialog
        try:
            columns = await columns_beside(self._core.data_dir, self._ask.file, why)
        except CockpitError as error:
            dialog.fail(error.user_text)
            return
        dialog.working = False
        if dialog.stopping:
            dialog.reject()
        else:
            dialog.show_columns(columns, _UNKNOWN if why is not None else _AGAIN)

    async def read_again(self) -> None:
        """Read the file by the columns that were chosen."""
        self._ask = replace(self._ask, mapping=self._dialog.columns.mapping)
        self._dialog.read_again()
        await self.preview()

    async def book(self) -> None:
        """Book what is new."""
        dialog = self._dialog

        def told(done: int, bookings: int) -> None:
            if dialog.stopping:
                raise ImportStoppedError
            dialog.go_on(done, bookings)

        dialog.begin()
        doubles = dialog.doubles.wanted
        wanted = replace(self._ask, account=dialog.account, preview=False, doubles=doubles)
        try:
            report = await self._imported(wanted, told)
        except DoubleImportError:  # under the account that was typed meanwhile
            dialog.ask_again(await self._imported(replace(wanted, preview=True)))
            return
        except CockpitError as error:
            dialog.fail(error.user_text)
            return
        self._accounts, self._batch = report.accounts, report.batch_id
        dialog.show_done(report)
        self._changed(report.accounts)

    async def take_back(self) -> None:
        """Let what was booked count no more."""
        try:
            await take_back(imports_of(self._core), self._batch)
        except CockpitError as error:
            self._dialog.fail(error.user_text)
        else:
            self._dialog.show_undone()
            self._changed(self._accounts)

    async def _imported(self, ask: Ask, told: Progress = lambda _done, _all: None) -> ImportReport:
        return await import_beside(self._core.data_dir, imports_of(self._core), ask, told)
