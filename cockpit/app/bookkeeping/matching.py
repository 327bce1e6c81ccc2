"""How each account's lots are matched: first in, first out, or at average cost."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec

from cockpit.app.bookkeeping.errors import MatchingFileError
from cockpit.kernel.private_files import write_private

FILE = "lot-matching.json"


class Matching(StrEnum):
    """FIFO unless a person chose otherwise for the account."""

    FIFO = "fifo"
    AVERAGE = "average"


class Matchings:
    """What was chosen, in a file of the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE

    def of(self, account: str) -> Matching:
        """How this account's lots are matched. Raises MatchingFileError."""
        return self.all().get(account, Matching.FIFO)

    def choose(self, account: str, matching: Matching) -> None:
        """Match the account's lots so from now on, old ones too. Raises MatchingFileError."""
        told = {**self.all(), account: matching}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_private(self._path, msgspec.json.format(msgspec.json.encode(told)))
        except OSError as error:
            raise self._broken("written", error) from error

    def all(self) -> dict[str, Matching]:
        """Every account that something was chosen for. Raises MatchingFileError."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Matching])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            raise self._broken("read", error) from error

    def _broken(self, done: str, error: Exception) -> MatchingFileError:
        return MatchingFileError(
            f"{self._path}: {error!r}",
            user_text=f"How lots are matched stands in {self._path}, which can't be {done}: "
            f"{error}. Nothing was changed. Mend or remove that file, then try again.",
        )
