"""The workspace on disk: window, layout and look; a damaged file never stops the start."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path

import msgspec
import structlog

from cockpit.ui.charts.look import ChartLook
from cockpit.ui.selection import DEFAULT_GROUP
from cockpit.ui.theme import Scheme
from cockpit.ui.window_place import WindowPlace

_log = structlog.get_logger(__name__)

FILE = "workspace.json"
VERSION = 1
CORRUPT_NOTE = (
    "The saved workspace could not be read, so this is the default layout. "
    "Your trades and notes are untouched; the old file was kept beside it as {name}."
)


class PanelKept(msgspec.Struct, frozen=True, kw_only=True):
    """One linked panel: its group, its own symbol where it stands alone, the look of a chart."""

    group: int = DEFAULT_GROUP
    symbol: str = ""
    look: ChartLook | None = None


Panels = dict[str, PanelKept]


class Workspace(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered. `docks` are Qt's own bytes in base64, `window` is None before it is kept.

    `keys` are those of actions that a person gave another key, `layouts` the named ones with
    their docks, `layout` the name of the one in use. `symbol` is that of the first link group,
    `symbols` those of the others. `panels` are the linked panels by id, charts beyond the first
    among them, `members` the same for each of the `layouts`. `journal_account` is the account
    that the journal shows, empty for the session's own.
    """

    version: int = VERSION
    window: WindowPlace | None = None
    docks: str = ""
    scheme: Scheme = Scheme.DARK
    blue_orange: bool = False
    reduced_motion: bool = False
    symbol: str = ""
    symbols: dict[int, str] = msgspec.field(default_factory=dict[int, str])
    chart: ChartLook = ChartLook()
    keys: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    layouts: dict[str, str] = msgspec.field(default_factory=dict[str, str])
    layout: str = "Default"
    panels: Panels = msgspec.field(default_factory=dict[str, PanelKept])
    members: dict[str, Panels] = msgspec.field(default_factory=dict[str, Panels])
    journal_account: str = ""

    @property
    def docks_bytes(self) -> bytes:
        """The docks' layout; empty when none was saved."""
        return base64.b64decode(self.docks)


def encoded(data: bytes) -> str:
    """Bytes as they stand in the file."""
    return base64.b64encode(data).decode("ascii")


def decoded(text: str) -> bytes:
    """The bytes that `encoded` made a text of; none of what is no such text."""
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        return b""


def load(folder: Path) -> tuple[Workspace, str]:
    """The saved workspace and a note for the trader, empty when all is well.

    A file that can't be used is moved aside and the default is returned.
    """
    path = folder / FILE
    try:
        found = _checked(msgspec.json.decode(path.read_bytes(), type=Workspace))
    except FileNotFoundError:
        return Workspace(), ""
    except (OSError, ValueError, binascii.Error, msgspec.MsgspecError) as error:
        _log.warning("workspace_unreadable", path=str(path), error=str(error))
        return Workspace(), set_aside(folder)
    return found, ""


def _checked(found: Workspace) -> Workspace:
    base64.b64decode(found.docks, validate=True)
    if found.version != VERSION:
        raise ValueError(f"version {found.version}")
    return found


def set_aside(folder: Path) -> str:
    """Keep the damaged file under another name; returns the note about it."""
    path = folder / FILE
    aside = path.with_suffix(".damaged.json")
    try:
        path.replace(aside)
    except OSError as error:  # a read-only folder: the next save will fail and say so
        _log.warning("workspace_not_moved", error=str(error))
    return CORRUPT_NOTE.format(name=aside.name)


def save(folder: Path, workspace: Workspace) -> None:
    """Write atomically. Raises OSError; call it off the loop."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{FILE}.new"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(workspace)))
    draft.replace(folder / FILE)
