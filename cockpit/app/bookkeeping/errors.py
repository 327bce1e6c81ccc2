"""What bookkeeping tells a person when it can't do as asked."""

from __future__ import annotations

from cockpit.app.errors import AppError


class StatementFileError(AppError):
    """The file can't be opened or read."""

    code = "STATEMENT_FILE"
