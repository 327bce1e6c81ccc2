"""What went wrong with the file, in a trader's words: what happened, what is safe, what to do."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from cockpit.ports.store import StoreError

_KEPT = "Everything stored before is kept"

_TEXTS = {
    "READONLY": "The data folder {folder} can't be written to. {kept}; make the folder writable "
    "or choose another with --data-dir.",
    "BUSY": "The journal {file} is in use by another program. {kept}, this change was not stored; "
    "close the other program, then try again.",
    "FULL": "The disk that holds {file} is full. {kept}, this change was not stored; "
    "free some space, then try again.",
    "CORRUPT": "The journal {file} is damaged or is not a journal. Nothing in it was changed; "
    "move it away and put a copy in its place, or choose another folder with --data-dir.",
    "IOERR": "The disk that holds {file} failed. {kept}, this change was not stored; "
    "check the disk, then start again.",
}
_OTHER = "The journal {file} refused a change: {reason}. {kept}; the log has the details."

_KINDS = {
    "SQLITE_READONLY": "READONLY",
    "SQLITE_CANTOPEN": "READONLY",
    "SQLITE_PERM": "READONLY",
    "SQLITE_AUTH": "READONLY",
    "SQLITE_BUSY": "BUSY",
    "SQLITE_LOCKED": "BUSY",
    "SQLITE_FULL": "FULL",
    "SQLITE_CORRUPT": "CORRUPT",
    "SQLITE_NOTADB": "CORRUPT",
    "SQLITE_IOERR": "IOERR",
}
_ERRNOS = {
    errno.EACCES: "READONLY",
    errno.EPERM: "READONLY",
    errno.EROFS: "READONLY",
    errno.ENOTDIR: "READONLY",
    errno.EEXIST: "READONLY",
    errno.ENOENT: "READONLY",
    errno.EISDIR: "READONLY",
    errno.ENOSPC: "FULL",
}


def explain(error: Exception, path: Path) -> StoreError:
    """`error` as a StoreError with one clear text; a StoreError stays as it is."""
    if isinstance(error, StoreError):
        return error
    cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps the driver's error
    kind = _kind(cause)
    text = _TEXTS.get(kind, _OTHER).format(folder=path.parent, file=path, kept=_KEPT, reason=cause)
    explained = StoreError(f"{kind or 'OTHER'}: {cause!r}", user_text=text)
    explained.__cause__ = error
    return explained


def newer_than_program(path: Path, revision: str) -> StoreError:
    """The refusal of a file that a later version of the program has written."""
    return StoreError(
        f"{path}: unknown revision {revision}",
        user_text=f"The journal {path} was written by a newer Cockpit than this one. "
        "Nothing in it was changed; update the program, or choose another folder with "
        "--data-dir.",
    )


def of_another_version(path: Path) -> StoreError:
    """The refusal to read beside a running program what this one would read differently."""
    return StoreError(
        f"{path}: not of this version, and open elsewhere",
        user_text=f"The journal {path} is open in a Cockpit of another version. Nothing in it was "
        "changed; end that one, or use its own command line.",
    )


def _kind(cause: object) -> str:
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None) or ""  # absent on misuse errors
        return next((kind for stem, kind in _KINDS.items() if name.startswith(stem)), "")
    if isinstance(cause, OSError):
        return _ERRNOS.get(cause.errno or 0, "")
    return ""
