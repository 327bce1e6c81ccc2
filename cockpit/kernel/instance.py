"""One cockpit a data folder: a lock that dies with its process."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from cockpit.kernel.errors import KernelError

LOCK_NAME = "cockpit.lock"


class InstanceError(KernelError):
    """The data folder can't be locked: it is in use, or can't be written."""


class InstanceLock:
    """Held from start to stop; the operating system frees it after a crash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / LOCK_NAME)

    def acquire(self) -> None:
        """Make the folder if needed and lock it, or raise InstanceError at once."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise InstanceError(
                f"{self._folder} is locked",
                user_text=f"Another cockpit is using the data folder {self._folder}. Nothing was "
                "changed. Use that one, or give this one a folder of its own with --data-dir.",
            ) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise InstanceError(
                f"{self._folder}: {error}",
                user_text=f"The data folder {self._folder} can't be made: there is a file in its "
                "place. Nothing was changed. Choose another with --data-dir.",
            ) from error
        except OSError as error:
            raise InstanceError(
                f"{self._folder}: {error}",
                user_text=f"The data folder {self._folder} can't be written: "
                f"{error.strerror or error}. Nothing was changed. Make it writable, or choose "
                "another with --data-dir.",
            ) from error

    def release(self) -> None:
        """Let the next one in; harmless when not held."""
        self._lock.release()
