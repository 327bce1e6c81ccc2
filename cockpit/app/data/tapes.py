"""What tapes say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from cockpit.adapters.tape.reader import open_tape
from cockpit.app.errors import NothingThereError
from cockpit.app.recording import FOLDER


class TapeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One tape. Times in ns UTC; `defect` is empty for a whole one."""

    path: str
    bytes: int
    feed: str
    label: str
    symbols: int
    rows: int
    start_ns: int
    end_ns: int
    skipped: dict[str, int]
    defect: str


def tapes_of(data_dir: Path, files: Sequence[Path]) -> list[TapeLine]:
    """The named tapes, or all of the data folder, the one being recorded too; oldest first.

    Raises NothingThereError when there is none, FeedError for a file that is no tape.
    """
    folder = data_dir / FOLDER
    found = list(files) or sorted([*folder.glob("*.tape"), *folder.glob("*.tape.part")])
    if not found:
        raise NothingThereError(
            f"no tape in {folder}", user_text=f"There is no tape in {folder}: nothing was recorded."
        )
    return [_line(path) for path in found]


def _line(path: Path) -> TapeLine:
    tape = open_tape(path)
    return TapeLine(
        path=str(path),
        bytes=path.stat().st_size,
        feed=tape.origin.feed,
        label=tape.origin.label,
        symbols=len(tape.origin.instruments),
        rows=tape.rows,
        start_ns=tape.start_ns,
        end_ns=tape.end_ns,
        skipped={} if tape.totals is None else tape.totals.skipped,
        defect=tape.defect,
    )
