"""A file is written whole or not at all, and never over another one unasked."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cockpit.recap.errors import ExportError


def write_new(path: Path, content: bytes, *, overwrite: bool = False) -> None:
    """Write `content` through a temporary file in the same folder.

    Raises ExportError; what was there before is then untouched.
    """
    try:
        _put(path, content, _over if overwrite else _beside_others)
    except FileExistsError as error:
        raise ExportError(
            f"{path} exists",
            user_text=f"{path} exists already and was not touched. Choose another name, or "
            "allow it to be overwritten.",
            code="RECAP_EXPORT_EXISTS",
        ) from error
    except OSError as error:
        raise ExportError(
            f"{path}: {error}",
            user_text=f"The recap can't be written to {path}: {error.strerror or error}. "
            "Nothing was lost: its figures are in the journal. Choose another place and try again.",
        ) from error


def _put(path: Path, content: bytes, place: Callable[[Path, Path], None]) -> None:
    """Write a temporary file beside `path`, then let `place` give it that name."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        place(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _over(part: Path, path: Path) -> None:
    part.replace(path)


def _beside_others(part: Path, path: Path) -> None:
    """A second name is given in one step, and to no file that exists."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without second names, as on many USB sticks
        _reserve_and_replace(part, path)


def _reserve_and_replace(part: Path, path: Path) -> None:
    # Taking the name first leaves no moment in which another program's file could be lost.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    try:
        part.replace(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
