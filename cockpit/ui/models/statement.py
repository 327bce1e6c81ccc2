"""The lines of a statement with their verdicts, as rows of a blotter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cockpit.ui.models.columns import Align, Column, Look, Mark, Row, StillKeys, muted
from cockpit.ui.theme import FontRole

if TYPE_CHECKING:
    from cockpit.app.bookkeeping.report import Row as Line

VERDICTS: Mapping[str, Look] = {
    "booked": Look("New", "up", Mark.CHECK),
    "known": Look("Known", "muted", Mark.DOT),
    "double": Look("Booked elsewhere", "warning", Mark.QUESTION),
    "ignored": Look("Nothing to book", "muted", Mark.RING),
    "review": Look("Look at it", "warning", Mark.QUESTION),
    "unknown": Look("Not understood", "down", Mark.CROSS),
}
_PLACES = {"unknown": 0, "review": 1, "double": 2, "booked": 3, "known": 4, "ignored": 5}


def statement_columns() -> tuple[Column, ...]:
    """What became of a line, why, and the line itself."""
    return (
        Column("line", "Line", sample="00,000", role=muted),
        Column("verdict", "Verdict", lambda v: VERDICTS[v].text, "Booked elsewhere",
               align=Align.LEFT, role=lambda v: VERDICTS[v].role, mark=lambda v: VERDICTS[v].mark,
               font=FontRole.STRONG),
        Column("reason", "Why", sample="an earlier import booked it", align=Align.LEFT,
               role=muted, drop=1),
        Column("text", "As the broker wrote it", sample="2023-01-05 BUY 100 XMPL 50.10",
               align=Align.LEFT, stretch=True),
    )  # fmt: skip


def _tip(line: Line) -> str:
    """Why, and the whole line: either may be longer than its column."""
    return "\n".join(filter(None, (line.reason, line.text)))


class StatementRows:
    """Every line; those that a person should look at stand first."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._keys = StillKeys()

    def show(self, lines: Sequence[Line]) -> None:
        """Take these."""
        ordered = sorted(lines, key=lambda line: (_PLACES[line.verdict], line.line))
        self._lines = {str(line.line): line for line in ordered}
        self._keys = StillKeys(self._lines)

    def keys(self) -> list[str]:
        """The numbers of the lines."""
        return self._keys

    def row(self, key: str) -> Row:
        """One line."""
        line = self._lines[key]
        return Row((line.line, line.verdict, line.reason, line.text), tip=_tip(line))
