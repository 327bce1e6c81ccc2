"""A recap as one HTML file: no script, no request, light or dark as the reader likes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from cockpit.domain.fact import Fact, Unit
from cockpit.kernel.resources import resource
from cockpit.recap.export.curve import HEIGHT, WIDTH, bars_of, curve_of
from cockpit.recap.export.page import Page
from cockpit.recap.slots import by_id
from cockpit.recap.state import state_of, state_words
from cockpit.recap.trade_facts import trade_rows

TEMPLATE = "templates/recap.html.j2"
TILES = (
    "net", "gross", "fees", "trades", "win_rate", "profit_factor", "expectancy", "mean_r", "r",
    "rising", "falling", "strongest", "weakest", "orders", "denied", "rejected", "unknown",
)  # fmt: skip
_SIGNED = frozenset({Unit.MONEY, Unit.R})
_MOVES = frozenset({"strongest", "weakest"})


def html_page(page: Page) -> str:
    """The page; everything in it comes from the recap and its stored facts."""
    facts, recap = page.facts, page.recap
    rows = trade_rows(facts)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(resource(TEMPLATE).read_text(encoding="utf-8"))
    known = by_id(facts)
    leaf = "r" if page.private else "net"
    steps = [row[leaf].value for row in rows if leaf in row]
    return template.render(
        title=recap.title,
        session=known["session"].text,
        date=known["date"].text,
        day=recap.day,
        account=page.account,
        state=state_of(recap),
        state_words=state_words(recap),
        prose=_prose(recap.markdown),
        tiles=[_tile(known[id_]) for id_ in TILES if _defined(known, id_)],
        curve=curve_of([step for step in steps if step is not None]),
        measure="R" if page.private else "net P&L",
        bars=bars_of(facts),
        notes=[_note(note) for note in page.notes],
        width=WIDTH,
        height=HEIGHT,
        columns=[(name, label, name in _NUMBERS) for name, label in page.columns],
        rows=[{name: _cell(fact) for name, fact in row.items()} for row in rows],
    )


_NUMBERS = frozenset({"quantity", "entry", "exit", "fees", "net", "r"})


def _prose(markdown: str) -> Markup:
    """The body without the heading lines that the page shows itself."""
    _, _, body = markdown.partition("\n\n")  # the title
    _, _, body = body.partition("\n\n")  # session and date
    text, _, signature = body.rpartition("\n---\n")
    renderer = MarkdownIt("commonmark", {"html": False})
    signed = renderer.render(signature.strip())
    return Markup(  # noqa: S704  # markdown-it has escaped what isn't Markdown
        f"{renderer.render(text)}<footer>{signed}</footer>"
    )


def _note(note: str) -> Markup:
    """The trader's own words, as Markdown without HTML."""
    rendered = MarkdownIt("commonmark", {"html": False}).disable("image").render(note)
    return Markup(rendered)  # noqa: S704  # as above


def _defined(facts: Mapping[str, Fact], id_: str) -> bool:
    return id_ in facts and facts[id_].value is not None


def _tile(fact: Fact) -> dict[str, Any]:
    return {"label": fact.label, "text": fact.text, "tone": _tone(fact), "rule": fact.definition}


def _cell(fact: Fact) -> dict[str, str]:
    return {"text": fact.text, "tone": _tone(fact)}


def _tone(fact: Fact) -> str:
    if (fact.unit not in _SIGNED and fact.id not in _MOVES) or fact.id.split(".")[-1] == "fees":
        return ""
    return {1: "up", -1: "down", 0: ""}[fact.sign]
