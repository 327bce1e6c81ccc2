"""A statement to import: what each of its lines would do, then the booking with its progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from cockpit.app.bookkeeping.doubles import Doubles
from cockpit.journal.statements.mapped import NAME as TABLE
from cockpit.ui.dialogs.base import CockpitDialog
from cockpit.ui.dialogs.statement_columns import ColumnsPage
from cockpit.ui.dialogs.statement_doubles import DoublesChoice
from cockpit.ui.models.statement import StatementRows, statement_columns
from cockpit.ui.theme import FontRole, Space, Theme
from cockpit.ui.widgets.blotter import Blotter
from cockpit.ui.widgets.busy import BusyBar
from cockpit.ui.widgets.labels import label, set_property, set_tone

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.columns import Columns
    from cockpit.app.bookkeeping.report import ImportReport


class StatementDialog(CockpitDialog):
    """Reads, shows, books, and says how to take it back.

    `import_asked`, `undo_asked` and `columns_told` are what the person decided; closing it while it
    works is asking to stop, and `stopping` says so. A table that explains itself to nobody asks for
    its columns first; `columns_asked` wants to see them again.
    """

    import_asked = Signal()
    columns_told = Signal()
    columns_asked = Signal()
    undo_asked = Signal(str)  # the import's name

    def __init__(self, theme: Theme, parent: QWidget | None, name: str) -> None:
        super().__init__(theme, "Import a statement", parent, width=760)
        self.stopping = self.working = False
        self._batch = self._accounts = ""
        self._new = 0
        self.told = label(theme, f"Reading {name}...", FontRole.BODY, "", wrap=True)
        self.progress = BusyBar(theme, "Progress")
        self.rows = StatementRows()
        self.lines = Blotter(
            statement_columns(), self.rows, theme, title="Lines of the statement", empty="No line"
        )
        self.columns = ColumnsPage(theme)
        self.doubles = DoublesChoice(theme)
        self.go = self._build(theme)

    def _build(self, theme: Theme) -> QPushButton:
        self.body.addWidget(self.told)
        self.body.addWidget(self.progress)
        self.lines.setMinimumHeight(260)
        for part in (self.lines, self.columns):
            part.hide()
            self.body.addWidget(part, 1)
        self.body.addWidget(self.doubles)
        self.body.addLayout(self._account_row(theme))
        go = self.end_with("Import", reject="")
        go.clicked.disconnect()
        go.clicked.connect(self._decide)
        go.setEnabled(False)
        self.back, self.change = QPushButton("Cancel"), QPushButton("Columns...")
        for button, act in ((self.back, self.reject), (self.change, self.columns_asked.emit)):
            button.setAccessibleName(button.text())
            button.clicked.connect(act)
        self.change.setToolTip("Which column of the table holds what")
        self.change.hide()
        self._end_row.insertWidget(0, self.change)
        self._end_row.insertWidget(self._end_row.count() - 1, self.back)
        self.columns.changed.connect(self._may_go)
        self.doubles.chosen.connect(self._may_go)
        return go

    def _account_row(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        self._caption = label(theme, "Account", FontRole.CAPTION, "muted")
        self._field = QLineEdit()
        self._field.setAccessibleName("Account")
        self._field.setToolTip("The name it is booked under; as the statement has it, if left")
        row.addWidget(self._caption)
        row.addWidget(self._field, 1)
        self._caption.hide()
        self._field.hide()
        return row

    @property
    def account(self) -> str:
        """The account typed; empty for the statement's own."""
        typed = self._field.text().strip()
        return "" if typed == self._accounts else typed

    def show_preview(self, report: ImportReport) -> None:
        """What would be booked."""
        self._tell_report(report, "would be booked")
        self._accounts = ", ".join(report.accounts)
        self._field.setText(self._accounts)
        for part in (self._caption, self._field):
            part.setVisible(bool(report.booked or report.doubles))
        self._new = report.booked
        self.doubles.ask_about(report.doubles)
        self.change.setVisible(report.format == TABLE)
        self._may_go()

    def read_again(self) -> None:
        """It is read by the columns that were told."""
        self.working = True
        self._ask_columns(now=False)
        self.told.setText("Reading...")
        self.go.setEnabled(False)
        self.progress.wait()
        self.progress.show()

    def show_columns(self, columns: Columns, why: str) -> None:
        """Let the person say which column holds what."""
        self.working = False
        self.told.setText(why)
        self.progress.hide()
        self._ask_columns(now=True)
        self.columns.show_table(columns)
        self.columns.choices["date"].setFocus()

    def _ask_columns(self, *, now: bool) -> None:
        self.columns.setVisible(now)
        for part in (self.lines, self.doubles, self._caption, self._field, self.change):
            part.hide()
        self._call("Read it" if now else "Import")

    def _call(self, decision: str) -> None:
        self.go.setText(decision)
        self.go.setAccessibleName(decision)

    def begin(self) -> None:
        """It is being booked."""
        self.working = True
        for part in (self.go, self._field, self.doubles, self.change):
            part.setEnabled(False)
        self.back.setText("Stop")
        self.progress.wait()
        self.progress.show()

    def go_on(self, done: int, bookings: int) -> None:
        """So much is stored."""
        self.progress.count(done, bookings)
        self.told.setText(f"{done:,} of {bookings:,} bookings are stored.")

    def ask_again(self, report: ImportReport) -> None:
        """Nothing was booked: under the account typed there are lines to decide about first."""
        self.working = False
        self.back.setText("Cancel")
        for part in (self._field, self.doubles, self.change):
            part.setEnabled(True)
        own, typed = self._accounts, self._field.text()
        self.show_preview(report)
        self._accounts = own
        self._field.setText(typed)

    def show_done(self, report: ImportReport) -> None:
        """It is booked."""
        self.working = False
        self._batch = report.batch_id
        self._tell_report(report, "booked")
        self._end("Close", "Take it back" if self._batch else "")

    def show_undone(self) -> None:
        """It was taken back."""
        self._batch = ""
        self.told.setText("Taken back: nothing of this file counts. It can be imported again.")
        self._end("Close", "")

    def fail(self, text: str) -> None:
        """Say what happened; nothing was booked."""
        self.working = False
        self.told.setText(text)
        set_tone(self.told, "critical")
        self._end("Close", "")

    def reject(self) -> None:
        """Close, or while it works ask to stop first."""
        if self.working and not self.stopping:
            self.stopping = True
            self.back.setEnabled(False)
            self.told.setText("Stopping...")
            return
        if not self.working:
            super().reject()

    def _may_go(self) -> None:
        """There must be something to book, and a word on what is booked elsewhere."""
        if self.columns.isVisibleTo(self):
            self.go.setEnabled(self.columns.complete)
            return
        wanted = self.doubles.wanted
        more = self.doubles.count if wanted is Doubles.BOOK else 0
        undecided = self.doubles.count > 0 and wanted is Doubles.ASK
        self.go.setEnabled(self._new + more > 0 and not undecided)

    def _decide(self) -> None:
        if self.columns.isVisibleTo(self):
            self.columns_told.emit()
        elif self._batch:
            self.undo_asked.emit(self._batch)
        else:
            self.import_asked.emit()

    def _tell_report(self, report: ImportReport, done: str) -> None:
        doubtful = report.review + report.unknown
        notes = "".join(f"\n{warning}" for warning in report.warnings)
        doubles = f"{report.doubles:,} booked by another import, " if report.doubles else ""
        self.told.setText(
            f"{report.title}: {report.booked:,} lines {done}, {report.known:,} known already, "
            f"{doubles}{report.ignored:,} with nothing to book, {doubtful:,} to look at.{notes}"
        )
        self.rows.show(report.rows)
        self.lines.show()
        self.lines.refresh()
        self.progress.hide()

    def _end(self, back: str, go: str) -> None:
        for part in (self.progress, self.doubles, self.columns, self.change):
            part.hide()
        self.back.setEnabled(True)
        self.back.setText(back)
        self.go.setVisible(bool(go))
        self._call(go)
        self.go.setEnabled(bool(go))
        set_property(self.go, "kind", "")  # Return closes; taking back is a decision
        self.go.setDefault(False)
        self.back.setDefault(True)
        self.back.setFocus()
