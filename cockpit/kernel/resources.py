"""Where fonts, icons and other files that ship with the program lie."""

from __future__ import annotations

from pathlib import Path

from cockpit.kernel.errors import KernelError

_PACKAGE = Path(__file__).resolve().parents[1]
_FOLDERS = (_PACKAGE / "resources", _PACKAGE.parent / "resources")  # in a wheel; in a checkout


class ResourceMissingError(KernelError):
    """A file that ships with the program is not there: the installation is damaged."""


def resource(relative: str) -> Path:
    """The path of a shipped file or folder, e.g. `fonts/Inter-Regular.otf`.

    Raises ResourceMissingError when it is in none of the places.
    """
    for folder in _FOLDERS:
        if (folder / relative).exists():
            return folder / relative
    raise ResourceMissingError(
        f"{relative} not below {', '.join(map(str, _FOLDERS))}",
        user_text=f"The file {relative} of this installation is missing. "
        "Your data is untouched; install Cockpit again.",
    )
