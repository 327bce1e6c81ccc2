"""What each source has left, for the command line and for Health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from cockpit.market.router import budget as counting
from cockpit.market.router.budget import Moment
from cockpit.ports.clock import Clock
from cockpit.ports.research import Spent
from cockpit.ports.source import Source, Span


class SpanLine(msgspec.Struct, frozen=True, kw_only=True):
    """Requests used of a span, and the most there may be."""

    used: int
    most: int


class BudgetLine(msgspec.Struct, frozen=True, kw_only=True):
    """One source. Spans without a limit are left out; `held_s` and `held_why` while it waits."""

    source: str
    plan: str
    kinds: tuple[str, ...]
    spans: dict[Span, SpanLine]
    held_s: float = 0.0
    held_why: str = ""


def lines_of(
    sources: Sequence[Source], spent: Mapping[str, Spent], clock: Clock
) -> list[BudgetLine]:
    """How each source stands."""
    moment = Moment(clock.now_ns(), clock.elapsed_ns())
    return [_line(source, spent.get(source.name, Spent()), moment) for source in sources]


def _line(source: Source, spent: Spent, moment: Moment) -> BudgetLine:
    profile = source.profile
    used = counting.left(spent, profile.budget, moment)
    hold = counting.hold_of(spent, profile.budget, moment)
    return BudgetLine(
        source=source.name,
        plan=profile.plan,
        kinds=tuple(sorted(kind.value for kind in profile.kinds)),
        spans={
            span: SpanLine(used=each.used, most=each.most)
            for span, each in used.items()
            if each.most
        },
        held_s=0.0 if hold is None else round(hold.wait_s, 1),
        held_why="" if hold is None else hold.why,
    )
