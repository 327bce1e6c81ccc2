"""A recap as Markdown with front matter that Obsidian reads as properties."""

from __future__ import annotations

import json

from cockpit.domain.fact import Unit
from cockpit.ports.store import StoredRecap
from cockpit.recap.figures import facts_of
from cockpit.recap.slots import by_id
from cockpit.recap.trade_facts import COLUMNS, trade_rows

PROPERTIES = ("session", "net", "fees", "trades", "win_rate")
_LEFT = frozenset({Unit.TEXT, Unit.TIME, Unit.DATE})


def markdown_page(recap: StoredRecap) -> str:
    """Front matter, the recap, and its trades as a table."""
    parts = [_front_matter(recap), recap.markdown.rstrip("\n")]
    if table := _trades(recap):
        parts.append(f"## Trades\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _front_matter(recap: StoredRecap) -> str:
    facts = by_id(facts_of(recap))
    properties = {
        "title": recap.title,
        "date": recap.day,
        "kind": recap.kind,
        "writer": recap.writer,
        **{name: facts[name].text for name in PROPERTIES if name in facts},
    }
    # a JSON string is a YAML string, whatever it holds; the date stays a date
    lines = [
        f"{name}: {value if name == 'date' else json.dumps(value, ensure_ascii=False)}"
        for name, value in properties.items()
    ]
    return "\n".join(["---", *lines, "tags: [trading, recap]", "---"])


def _trades(recap: StoredRecap) -> str:
    rows = trade_rows(facts_of(recap))
    if not rows:
        return ""
    head = "| " + " | ".join(label for _, label in COLUMNS) + " |"
    first = rows[0]
    marks = (
        "---" if name in first and first[name].unit in _LEFT else "---:" for name, _ in COLUMNS
    )
    lines = [head, "|" + "|".join(marks) + "|"]
    for row in rows:
        cells = (_cell(row[name].text) if name in row else "" for name, _ in COLUMNS)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
