"""A recap as PDF by ReportLab: same recap, same bytes; no pictures, no links, no fonts inside.

Whatever becomes ReportLab's own markup is escaped first: its tags could load files.
"""

from __future__ import annotations

import base64
import io
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from cockpit.domain.fact import Fact, Unit
from cockpit.recap.export.page import Page
from cockpit.recap.slots import by_id
from cockpit.recap.state import state_words
from cockpit.recap.trade_facts import trade_rows
from cockpit.recap.wishes import Wishes

INK, SOFT, LINE = "#1b2430", "#5c6878", "#c9d0da"
_MARGIN, _ROW = 54, 11
_STREAM = re.compile(rb"stream\r?\n(.*?~>)\s*endstream", re.DOTALL)
_SHOWN = re.compile(rb"\(((?:\\.|[^\\()])*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_TEXTS = frozenset({Unit.TEXT, Unit.TIME, Unit.DATE})
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "h1": {"fontName": "Helvetica-Bold", "fontSize": 22, "leading": 27, "spaceAfter": 4},
    "h2": {"fontName": "Helvetica-Bold", "fontSize": 13, "leading": 18, "spaceBefore": 14,
           "spaceAfter": 6},
    "state": {"fontName": "Helvetica-Oblique", "fontSize": 9, "leading": 13, "spaceAfter": 8},
    "p": {"fontName": "Helvetica", "fontSize": 10.5, "leading": 15.5, "spaceAfter": 8},
    "li": {"fontName": "Helvetica", "fontSize": 10.5, "leading": 15.5, "leftIndent": 14,
           "bulletIndent": 3, "spaceAfter": 2},
}  # fmt: skip
_TAGS = {
    "strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>",
    "softbreak": " ", "hardbreak": "<br/>",
}  # fmt: skip


def pdf_page(page: Page, wishes: Wishes) -> bytes:
    """The document. Raises CalledOffError between pages when that was asked for."""
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN,
        bottomMargin=_MARGIN, title=written(page.recap.title), author="", subject=page.recap.kind,
        creator="Cockpit", invariant=1,
    )  # fmt: skip
    footer = _footer(page, wishes)
    document.build(_story(page, document.width), onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def texts_of(page: Page) -> str:
    """All that the document says, for the rules of the voice."""
    cells = (fact.text for fact in page.facts)
    own = [page.recap.title, _stands(page), page.recap.markdown]
    return "\n".join([*own, *cells, *page.notes])


def drawn_in(document: bytes) -> str:
    """What the pages of a finished document say, in their order, read back from its bytes."""
    said: list[str] = []
    for packed in _STREAM.findall(document):
        content = zlib.decompress(base64.a85decode(packed, adobe=True))
        said += (_unescaped(text).decode("cp1252", "replace") for text in _SHOWN.findall(content))
    return " ".join(said)


def _unescaped(text: bytes) -> bytes:
    def plain(found: re.Match[bytes]) -> bytes:
        code = found[1]
        return bytes([int(code, 8)]) if code.isdigit() else code

    return _ESCAPED.sub(plain, text)


def written(text: str) -> str:
    """A text in letters that the fonts have: without its accents, or as question marks."""
    if _fits(text):
        return text
    return "".join(c if _fits(c) else _plain(c) for c in text)


def _fits(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _plain(character: str) -> str:
    bare = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in bare if not unicodedata.combining(c))
    return kept if kept and _fits(kept) else "?"


def _footer(page: Page, wishes: Wishes) -> Callable[[Any, Any], None]:
    def draw(canvas: Any, document: Any) -> None:
        wishes.halt.heed()
        wishes.told(f"Page {document.page}...")
        canvas.saveState()
        canvas.setFont("Helvetica", 8)
        canvas.setFillColor(SOFT)
        canvas.drawString(_MARGIN, _MARGIN / 2, written(page.recap.title)[:90])
        canvas.drawRightString(document.pagesize[0] - _MARGIN, _MARGIN / 2, str(document.page))
        canvas.restoreState()

    return draw


def _story(page: Page, width: float) -> list[Any]:
    story = list(_prose(page.recap.markdown))
    story.insert(min(1, len(story)), _paragraph(_stands(page), "state"))
    if drawn := _curve(page, width):
        story.insert(min(3, len(story)), drawn)
    if rows := trade_rows(page.facts):
        story += [_paragraph("Trades", "h2"), _table(page, rows, width)]
    if page.notes:
        story.append(_paragraph("Notes", "h2"))
        story += [part for note in page.notes for part in _prose(note)]
    return story


def _stands(page: Page) -> str:
    """Whose recap it is and how it stands."""
    stands = state_words(page.recap)
    return f"Account {page.account}. {stands}" if page.account else stands


def _prose(markdown: str) -> Iterator[Any]:
    """Markdown as paragraphs: headings, text, lists, rules. Anything else is shown as text."""
    tokens = MarkdownIt("commonmark", {"html": False}).disable(["image", "link"]).parse(markdown)
    style, bullet = "p", None
    for token in tokens:
        if token.type == "heading_open":
            style = "h1" if token.tag == "h1" else "h2"
        elif token.type == "list_item_open":
            style, bullet = "li", "-"  # a bullet is a letter here, and a voice may forbid it
        elif token.type in ("list_item_close", "heading_close"):
            style, bullet = "p", None
        elif token.type == "hr":
            yield _rule()
        elif token.type == "inline":
            yield _paragraph("".join(_inline(token)), style, bullet=bullet, marked=True)
        elif token.content:
            yield _paragraph(token.content, style)


def _inline(token: Token) -> Iterable[str]:
    for child in token.children or ():
        yield _TAGS.get(child.type) or escape(written(child.content))


def _paragraph(text: str, style: str, *, bullet: str | None = None, marked: bool = False) -> Any:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    made = ParagraphStyle(style, textColor=_colour(INK), splitLongWords=1, **_STYLES[style])
    return Paragraph(text if marked else escape(written(text)), made, bulletText=bullet)


def _rule() -> Any:
    from reportlab.platypus import HRFlowable

    return HRFlowable(width="100%", color=LINE, thickness=0.6, spaceBefore=8, spaceAfter=8)


def _table(page: Page, rows: list[Mapping[str, Fact]], width: float) -> Any:
    from reportlab.platypus import LongTable, TableStyle

    cells = [[label for _, label in page.columns]]
    cells += [
        [_short(row[name].text) if name in row else "" for name, _ in page.columns] for row in rows
    ]
    style = [
        ("FONT", (0, 0), (-1, -1), "Helvetica", 7.5),
        ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 7.5),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK), ("TEXTCOLOR", (0, 0), (-1, 0), SOFT),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, LINE), ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4), ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]  # fmt: skip
    for at, (name, _) in enumerate(page.columns):
        if name in rows[0] and rows[0][name].unit not in _TEXTS:
            style.append(("ALIGN", (at, 0), (at, -1), "RIGHT"))
    return LongTable(cells, repeatRows=1, style=TableStyle(style), hAlign="LEFT")


def _short(text: str) -> str:
    plain = written(re.sub(r"\s+", " ", text))
    return plain if len(plain) <= 24 else f"{plain[:21]}..."


def _curve(page: Page, width: float) -> Any:
    """The way of the net, or of R in a private one; nothing without two trades."""
    from itertools import accumulate

    from reportlab.graphics.shapes import Drawing, Line, PolyLine

    leaf = "r" if page.private else "net"
    steps = [float(row[leaf].value or 0) for row in trade_rows(page.facts) if leaf in row]
    if len(steps) < 2 or "trades" not in by_id(page.facts):
        return None
    ways = [0.0, *accumulate(steps)]
    high, low, height = max(ways), min(ways), 90.0
    scale = (height - 8) / ((high - low) or 1.0)
    points = [
        part for n, way in enumerate(ways)
        for part in (n * width / (len(ways) - 1), 4 + (way - low) * scale)
    ]  # fmt: skip
    drawing = Drawing(width, height + 10)
    zero = 4 - low * scale
    drawing.add(Line(0, zero, width, zero, strokeColor=_colour(LINE), strokeDashArray=[3, 3]))
    tone = "#0b7a4b" if ways[-1] >= 0 else "#c02f3f"
    drawing.add(PolyLine(points, strokeColor=_colour(tone), strokeWidth=1.4))
    return drawing


def _colour(code: str) -> Any:
    from reportlab.lib.colors import HexColor

    return HexColor(code)
