"""Does every figure a reader sees stand, as it is written, among the facts of the report?"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

# A date, a time of day, or a number with the sign and the unit it is shown with.
FIGURE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d|[+-]?\$?\d+(?:,\d{3})*(?:\.\d+)?(?:[R%])?")
UNSEEN = {"style", "script"}


def figures(text: str) -> set[str]:
    """Every figure in `text`, as it is written there."""
    return set(FIGURE.findall(text))


def figures_of(report: dict[str, Any]) -> set[str]:
    """What a recap may show: the words of its facts, nothing computed from them."""
    return {figure for fact in report["recap"]["facts"] for figure in figures(fact["text"])}


def visible(html: str) -> str:
    """The text that a browser shows, the window's title included."""
    reader = _Visible()
    reader.feed(html)
    reader.close()
    return "\n".join(reader.texts)


class _Visible(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.texts.append(data)
