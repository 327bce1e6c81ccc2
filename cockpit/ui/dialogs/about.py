"""What this is, which versions it runs on, and whose work it stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, metadata, version

from PySide6.QtWidgets import QPlainTextEdit, QWidget

import cockpit
from cockpit.ui.dialogs.base import CockpitDialog, answered
from cockpit.ui.theme import Theme

PARTS = (
    "PySide6-Essentials", "PySide6-QtAds", "qasync", "pyqtgraph", "qtawesome", "numpy", "msgspec",
    "pydantic-settings", "platformdirs", "typer", "structlog", "filelock", "sqlmodel", "alembic",
    "exchange-calendars", "jinja2", "markdown-it-py", "alpaca-py", "websockets", "picows",
    "aiohttp", "keyring", "cryptography", "pyotp", "robin-stocks", "openai", "tomlkit",
    "reportlab", "tzdata",
)  # fmt: skip
"""What the program is made with; a test holds it to the dependencies."""

_BY_THEIR_FILES = {"PySide6-QtAds": "LGPL-2.1-only", "picows": "MIT"}
"""Of those whose metadata name no licence: what their licence files say."""

_FONTS = ("Inter, the letters: SIL OFL 1.1", "Phosphor, the icons: MIT")


def credits_text() -> str:
    """Each part with version and licence, one a line."""
    lines = [f"Python {platform.python_version()}: PSF-2.0", *_FONTS]
    for name in PARTS:
        try:
            lines.append(f"{name} {version(name)}: {_licence(name)}")
        except PackageNotFoundError:
            lines.append(f"{name}: not installed")
    return "\n".join(lines)


def _licence(name: str) -> str:
    found = metadata(name).json
    words = str(found.get("license_expression") or found.get("license") or "")
    if words and "\n" not in words:
        return words.partition(", Copyright")[0]
    classifiers = [str(line) for line in found.get("classifier") or []]
    named = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::")]
    return named[0] if named else _BY_THEIR_FILES.get(name, "see its documentation")


class AboutDialog(CockpitDialog):
    """`parts` is what it stands on, a line each."""

    def __init__(self, theme: Theme, parent: QWidget | None, parts: str) -> None:
        super().__init__(theme, f"Cockpit {cockpit.__version__}", parent, width=520)
        self.say("The desktop from which a solo trader runs the whole day. MIT licence.")
        text = QPlainTextEdit(parts)
        text.setReadOnly(True)
        text.setMinimumHeight(260)
        text.setAccessibleName("Versions and licences")
        self.body.addWidget(text)
        self.end_with("Close", reject="")


async def show_about(theme: Theme, parent: QWidget) -> None:
    """Open it and wait until it is closed."""
    await answered(AboutDialog(theme, parent, credits_text()))


def plain_words(text: str) -> str:
    """A menu's text without the marks of its mnemonics."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
