"""Recaps as files: Markdown for a vault of notes, HTML as one file for a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from cockpit.ports.store import StoredRecap
from cockpit.recap.errors import ExportError
from cockpit.recap.export.files import write_new
from cockpit.recap.export.html import html_page
from cockpit.recap.export.markdown import markdown_page
from cockpit.recap.voice import Voice

FORMATS: Mapping[str, Callable[[StoredRecap], str]] = {"md": markdown_page, "html": html_page}


async def export_recap(
    recap: StoredRecap, fmt: str, path: Path, voice: Voice, *, overwrite: bool = False
) -> Path:
    """Make the page, hold its final bytes to the voice, write it atomically; all off the loop.

    Raises ExportError: an unknown format, a flaw of voice, a file that exists and may
    not be overwritten, a folder that can't be written to.
    """
    if fmt not in FORMATS:
        raise ExportError(
            f"unknown format {fmt}",
            user_text=f"A recap can't be exported as {fmt!r}; choose one of: {', '.join(FORMATS)}.",
        )
    return await asyncio.to_thread(_export, recap, fmt, path, voice, overwrite)


def _export(recap: StoredRecap, fmt: str, path: Path, voice: Voice, overwrite: bool) -> Path:
    page = FORMATS[fmt](recap)
    flaws = voice.flaws_of_html(page) if fmt == "html" else voice.flaws(page)
    if flaws:
        raise ExportError(
            f"voice: {flaws}",
            user_text=f"The recap breaks the rules of the voice: {'; '.join(flaws)}. Nothing "
            "was written; draft it again, or rename what carries the flaw.",
        )
    write_new(path, page, overwrite=overwrite)
    return path
