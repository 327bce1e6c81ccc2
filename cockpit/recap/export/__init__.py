"""Recaps as files: Markdown for a vault of notes, HTML as one file, PDF, and CSV for reckoning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from cockpit.ports.store import StoredRecap
from cockpit.recap.errors import ExportError
from cockpit.recap.export.files import write_new
from cockpit.recap.export.html import html_page
from cockpit.recap.export.markdown import markdown_page
from cockpit.recap.export.page import Page, page_of
from cockpit.recap.export.pdf import drawn_in, pdf_page, texts_of
from cockpit.recap.export.table import csv_page
from cockpit.recap.voice import Voice
from cockpit.recap.wishes import Wishes

_TEXTS: Mapping[str, Callable[[Page], str]] = {
    "md": markdown_page,
    "html": html_page,
    "csv": csv_page,
}
_QUOTED = 80
FORMATS = ("md", "html", "pdf", "csv")

__all__ = ["FORMATS", "export_recap"]


async def export_recap(
    recap: StoredRecap,
    fmt: str,
    path: Path,
    voice: Voice,
    *,
    overwrite: bool = False,
    wishes: Wishes | None = None,
) -> Path:
    """Make the page, hold what it says to the voice, write it atomically; all off the loop.

    Called off, it waits for the thread to heed that, and leaves no file behind. Raises ExportError:
    an unknown format, a flaw of voice, an amount that privacy mode could not hide, a file that
    exists and may not be overwritten, a folder that can't be written to.
    """
    if fmt not in FORMATS:
        raise ExportError(
            f"unknown format {fmt}",
            user_text=f"A recap can't be exported as {fmt!r}; choose one of: {', '.join(FORMATS)}.",
        )
    wanted = wishes or Wishes()
    work = asyncio.get_running_loop().run_in_executor(
        None, _export, recap, fmt, path, voice, overwrite, wanted
    )
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        wanted.halt.asked = True
        await asyncio.wait({work})
        if work.exception() is not None:
            raise
        return work.result()  # it was written before it could heed


def _export(  # noqa: PLR0917  # an executor takes no names
    recap: StoredRecap, fmt: str, path: Path, voice: Voice, overwrite: bool, wishes: Wishes
) -> Path:
    page = page_of(recap, wishes)
    _hold_notes(page, voice)
    content, flaws = _made(page, fmt, voice, wishes)
    if flaws:
        raise ExportError(
            f"voice: {flaws}",
            user_text=f"The recap breaks the rules of the voice: {'; '.join(flaws)}. Nothing "
            "was written; draft it again, or rename what carries the flaw.",
        )
    wishes.halt.heed()
    write_new(path, content, overwrite=overwrite)
    return path


def _hold_notes(page: Page, voice: Voice) -> None:
    """Name the line of the owner's note that stops an export: the recap itself is not at fault.

    Raises ExportError.
    """
    for note in page.notes:
        for flaw in voice.found_in(note):
            line = note.splitlines()[flaw.line - 1].strip()
            raise ExportError(
                f"voice, note: {flaw.words}",
                user_text=f'Your note says "{_shortened(line)}" in line {flaw.line}, and '
                f"{flaw.words}. Nothing was written. Change that line in the journal, leave the "
                "notes out, or change the rules under File > Voice rules.",
            )


def _shortened(line: str) -> str:
    """A line as a message may quote it."""
    return line if len(line) <= _QUOTED else f"{line[: _QUOTED - 3].rstrip()}..."


def _made(page: Page, fmt: str, voice: Voice, wishes: Wishes) -> tuple[bytes, tuple[str, ...]]:
    """The file's bytes, and what the voice has against what they say."""
    if fmt == "pdf":
        if flaws := voice.flaws(texts_of(page)):
            return b"", flaws
        document = pdf_page(page, wishes)
        return document, voice.flaws(drawn_in(document))  # its bytes are packed: read them back
    text = _TEXTS[fmt](page)
    flaws = voice.flaws_of_html(text) if fmt == "html" else voice.flaws(text)
    return text.encode(), flaws
