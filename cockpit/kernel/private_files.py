"""Files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path

from cockpit.kernel.errors import KernelError


class PrivateFileError(KernelError):
    """A folder that must be the owner's alone is not, or can't be made."""


def private_folder(folder: Path) -> None:
    """Make `folder` if needed, open to its owner only.

    Raises PrivateFileError when it is somebody else's, a link or can't be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform == "win32":
            return  # the mode above gives the new folder to its owner
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise _refused(folder, "it is not a folder of yours")
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)
    except OSError as error:
        raise _refused(folder, error.strerror or str(error)) from error


def write_private(path: Path, content: bytes) -> None:
    """Put `content` at `path`, on the disk before this returns. Raises OSError."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def mark_private(path: Path) -> None:
    """Let an empty file stand at `path`, where a full disk has no room for content.

    Raises OSError.
    """
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where the system can; a file's own sync does not."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(folder: Path, why: str) -> PrivateFileError:
    return PrivateFileError(
        f"{folder}: {why}",
        user_text=f"The folder {folder} can't be used: {why}. Nothing in it was changed.",
    )
