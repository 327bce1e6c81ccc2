"""A recap as Markdown with front matter that Obsidian reads as properties."""

from __future__ import annotations

import json

from cockpit.domain.fact import Unit
from cockpit.recap.export.page import Page
from cockpit.recap.kinds import days_of
from cockpit.recap.slots import by_id
from cockpit.recap.state import approved_at, state_of
from cockpit.recap.trade_facts import trade_rows

PROPERTIES = ("session", "net", "fees", "trades", "win_rate", "mean_r", "r")
_LEFT = frozenset({Unit.TEXT, Unit.TIME, Unit.DATE})


def markdown_page(page: Page) -> str:
    """Front matter, the recap, its trades as a table, and the notes that were asked for."""
    parts = [_front_matter(page), page.recap.markdown.rstrip("\n")]
    if table := _trades(page):
        parts.append(f"## Trades\n\n{table}")
    if page.notes:
        parts.append("## Notes\n\n" + "\n\n".join(page.notes))
    return "\n\n".join(parts) + "\n"


def _front_matter(page: Page) -> str:
    facts, recap = by_id(page.facts), page.recap
    properties = {
        "title": recap.title,
        "date": days_of(recap.day)[0],
        **({"week": recap.day} if "-W" in recap.day else {}),
        "kind": recap.kind,
        **({"account": page.account} if page.account else {}),
        "state": state_of(recap),
        **({"approved": approved_at(recap)} if recap.approved_ns is not None else {}),
        "writer": recap.writer,
        **({"private": "yes"} if page.private else {}),
        **{name: facts[name].text for name in PROPERTIES if name in facts},
    }
    # a JSON string is a YAML string, whatever it holds; a date stays a date
    lines = [
        f"{name}: {value if name == 'date' else json.dumps(value, ensure_ascii=False)}"
        for name, value in properties.items()
    ]
    return "\n".join(["---", *lines, "tags: [trading, recap]", "---"])


def _trades(page: Page) -> str:
    rows = trade_rows(page.facts)
    if not rows:
        return ""
    head = "| " + " | ".join(label for _, label in page.columns) + " |"
    first = rows[0]
    marks = (
        "---" if name in first and first[name].unit in _LEFT else "---:" for name, _ in page.columns
    )
    lines = [head, "|" + "|".join(marks) + "|"]
    for row in rows:
        cells = (_cell(row[name].text) if name in row else "" for name, _ in page.columns)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
