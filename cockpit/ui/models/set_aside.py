"""Rows of the feed that were not believed, as rows of a blotter."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.market.quality import Quarantined
from cockpit.market.rules import RULES
from cockpit.ui.models.columns import Align, Column, Row, StillKeys, muted
from cockpit.ui.theme import FontRole
from cockpit.ui.theme.format import new_york_time


def columns() -> tuple[Column, ...]:
    """When by its own stamp, the rule, what that means, and the row in words."""
    return (
        Column("time", "NY time", sample="00:00:00", align=Align.LEFT, role=muted),
        Column("rule", "Rule", sample="out_of_order", align=Align.LEFT, font=FontRole.STRONG),
        Column("row", "What came", sample="quote ABCDE bid 100.00 x 100 ask 100.00 x 100",
               align=Align.LEFT, stretch=True),
        Column("means", "What the rule says", sample="older than the print before it",
               align=Align.LEFT, role=muted, drop=1),
    )  # fmt: skip


class SetAsideRows:
    """The latest first."""

    def __init__(self) -> None:
        self._rows: dict[str, Quarantined] = {}
        self._keys = StillKeys()

    def show(self, recent: Sequence[Quarantined]) -> None:
        """Take these, the newest last."""
        self._rows = {str(place): row for place, row in enumerate(reversed(recent))}
        self._keys = StillKeys(self._rows)

    def keys(self) -> list[str]:
        """Their places."""
        return self._keys

    def row(self, key: str) -> Row:
        """One of them."""
        kept = self._rows[key]
        time = new_york_time(kept.ts) if kept.ts else ""
        means = RULES.get(kept.reason, "")
        return Row((time, kept.reason, kept.detail, means), tip=f"{kept.detail}\n{means}")
