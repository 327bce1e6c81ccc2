"""Attached files, kept under the SHA-256 of their content, so that no name leads anywhere.

The name a person gave is only shown. A link in the place of a folder or a file is refused, a
content that is no longer what it was is refused, and so is what is too large.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from pathlib import Path

from cockpit.kernel.private_files import PrivateFileError, private_folder, write_private
from cockpit.ports.entries import AttachmentError

ATTACHMENTS = "attachments"
"""The folder in the data folder."""

LARGEST_BYTES = 25_000_000
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f/\\:]+")
_LONGEST_NAME = 120


class AttachmentFolder:
    """Implements `ports.entries.AttachmentFiles` in one folder, the owner's alone."""

    def __init__(self, folder: Path, *, largest: int = LARGEST_BYTES) -> None:
        self._folder, self._largest = folder, largest

    def keep(self, content: bytes, name: str) -> tuple[str, str]:
        """Keep a content; its digest, and the name it is shown by."""
        shown = tidy_name(name)
        if len(content) > self._largest:
            raise self._too_large(shown)
        digest = hashlib.sha256(content).hexdigest()
        path = self.path_of(digest, shown)
        try:
            private_folder(self._folder)
            private_folder(path.parent)
            if not path.is_symlink() and path.exists() and self._content(path, shown) == content:
                return digest, shown
            write_private(path, content)  # replaces a link, it does not follow it
        except (OSError, PrivateFileError) as error:
            raise _failed(shown, "kept", error) from error
        return digest, shown

    def keep_file(self, path: Path) -> tuple[str, str, int]:
        """Keep a copy of a file; its digest, the name it is shown by, and its size."""
        shown = tidy_name(path.name)
        try:
            content = self._content(path, shown)
        except OSError as error:
            raise _failed(shown, "read", error) from error
        digest, shown = self.keep(content, shown)
        return digest, shown, len(content)

    def read(self, digest: str, name: str) -> bytes:
        """The content, which must still be what it was."""
        try:
            content = self._content(self.path_of(digest, name), name)
        except OSError as error:
            raise _failed(name, "read", error) from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise _failed(name, "shown", "it is not what was attached any more")
        return content

    def path_of(self, digest: str, name: str) -> Path:
        """Where it is: nothing of the name but a plain suffix is part of the way there."""
        if not _DIGEST.fullmatch(digest):
            raise _failed(name, "found", "its digest is none")
        found = _SUFFIX.search(name)
        suffix = found.group().lower() if found else ""
        return self._folder / digest[:2] / f"{digest}{suffix}"

    def _content(self, path: Path, shown: str) -> bytes:
        """The content of a plain file; raises OSError and AttachmentError."""
        flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        if sys.platform != "win32":
            flags |= os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe would wait for ever
        elif path.is_symlink():
            raise _failed(shown, "read", "it is a link")
        with os.fdopen(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _failed(shown, "read", "it is not a plain file")
            if found.st_size > self._largest:
                raise self._too_large(shown)
            content = file.read(self._largest + 1)
        if len(content) > self._largest:  # it grew meanwhile
            raise self._too_large(shown)
        return content

    def _too_large(self, shown: str) -> AttachmentError:
        why = f"it is larger than {self._largest / 1_000_000:,.0f} MB"
        return _failed(shown, "attached", why)


def tidy_name(name: str) -> str:
    """A name to show: its last part, without what no file's name may hold."""
    last = re.split(r"[/\\]", name.strip())[-1]
    plain = _UNSHOWN.sub("", last).strip(" .")
    if len(plain) > _LONGEST_NAME:
        found = _SUFFIX.search(plain)
        suffix = found.group() if found else ""
        plain = plain[: _LONGEST_NAME - len(suffix)] + suffix
    return plain or "file"


def _failed(name: str, done: str, why: Exception | str) -> AttachmentError:
    words = (why.strerror or str(why)) if isinstance(why, OSError) else str(why)
    return AttachmentError(
        f"{name}: {why!r}",
        user_text=f"{name!r} can't be {done}: {words.rstrip('.')}. The entry is as it was.",
    )
