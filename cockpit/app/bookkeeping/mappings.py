"""Which column means what, remembered by a table's headings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cockpit.app.bookkeeping.errors import StatementFileError
from cockpit.kernel.private_files import write_private

FILE = "import-mappings.json"

_Mappings = dict[str, dict[str, str]]


class Mappings:
    """The mappings told so far, in a file of the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE

    def of(self, heading: Sequence[str]) -> dict[str, str] | None:
        """What was told for a table of these headings. Raises StatementFileError."""
        return self._all().get(_signature(heading))

    def remember(self, heading: Sequence[str], mapping: dict[str, str]) -> None:
        """Take this one for every table of these headings. Raises StatementFileError."""
        told = {**self._all(), _signature(heading): mapping}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._path, msgspec.json.format(msgspec.json.encode(told)))
        except OSError as error:
            raise self._broken("written", error) from error

    def _all(self) -> _Mappings:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Mappings)
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise self._broken("read", error) from error

    def _broken(self, done: str, error: Exception) -> StatementFileError:
        return StatementFileError(
            f"{self._path}: {error!r}",
            user_text=f"The remembered columns in {self._path} can't be {done}: {error}. "
            "Nothing was imported. Mend or remove that file, then import again.",
        )


def _signature(heading: Sequence[str]) -> str:
    words = "\x1f".join(cell.lower() for cell in heading)
    return hashlib.blake2b(words.encode(), digest_size=10).hexdigest()
