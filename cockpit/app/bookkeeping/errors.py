"""What bookkeeping tells a person when it can't do as asked."""

from __future__ import annotations

from cockpit.app.errors import AppError


class StatementFileError(AppError):
    """The file can't be opened or read."""

    code = "STATEMENT_FILE"


class DoubleImportError(AppError):
    """Lines say what another import has booked, and nobody has said what to do with them."""

    code = "BOOKED_ALREADY"


class MatchingFileError(AppError):
    """What was chosen for the matching of lots can't be read or written."""

    code = "MATCHING_FILE"


class ImportStoppedError(AppError):
    """A person stopped an import; what it had booked was taken back."""

    code = "IMPORT_STOPPED"

    def __init__(self) -> None:
        super().__init__(
            "stopped by the person",
            user_text="Stopped. What was booked so far was taken back; nothing has changed.",
        )
