"""Which source serves research data, why not another, and what each has left."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.app.data.budgets import BudgetLine, lines_of
from cockpit.app.data.research import Research
from cockpit.domain.errors import CockpitError
from cockpit.domain.values import NEW_YORK, utc
from cockpit.market.router.standing import State
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, Checked, CheckState
from cockpit.ports.source import Kind, Source

_LOW = 0.1


class ResearchChecks:
    """Implements `ports.health.Checked`. Nothing it says hinders arming: orders need none of it."""

    def __init__(self, research: Research | str, clock: Clock) -> None:
        self._research = research
        self._clock = clock

    async def checks(self) -> Sequence[Check]:
        """One for each kind, one for each source, and what a source says of itself."""
        if isinstance(self._research, str):
            return _none(self._research)
        research = self._research
        try:
            spent = await research.store.spent()
        except CockpitError as error:
            return _none(error.user_text)
        members = research.router.roll.members
        lines = lines_of([member.source for member in members], spent, self._clock)
        kinds = [kind for kind in Kind if research.router.roll.of(kind)]
        own = [check for member in members for check in await _own(member.source)]
        return *(self._kind(research, kind) for kind in kinds), *map(_source, lines), *own

    def _kind(self, research: Research, kind: Kind) -> Check:
        """Who answered last, and why those before it did not."""
        roll, elapsed = research.router.roll, self._clock.elapsed_ns()
        members = roll.of(kind)
        names = ", then ".join(member.name for member in members)
        out = [m for m in members if m.standing[kind].state(elapsed) is not State.GOOD]
        serving = roll.serving.get(kind)
        if len(out) == len(members):
            whys = "; ".join(f"{m.name}: {m.standing[kind].why}" for m in out)
            found = f"No source answers: {whys}. What was kept is shown as old."
            step = "Wait: each is tried again. cockpit data budget says what is left."
            return Check(name=kind.value, state=CheckState.FAILED, found=found, next_step=step)
        if serving is None:
            found = f"Asked in this order: {names}. Nothing was asked yet."
            return Check(name=kind.value, state=CheckState.OK, found=found)
        since = f"{utc(serving.since_ns).astimezone(NEW_YORK):%H:%M:%S}"
        found = f"{serving.source} answers since {since} New York."
        if serving.source == members[0].name or not serving.why:
            return Check(name=kind.value, state=CheckState.OK, found=found)
        found += f" Passed over: {serving.why}."
        step = "It comes back by itself once it has answered a few times in a row."
        return Check(name=kind.value, state=CheckState.WARNING, found=found, next_step=step)


async def _own(source: Source) -> Sequence[Check]:
    """What a source says of its key, its plan and its answers, if it can be asked."""
    if not isinstance(source, Checked):
        return ()
    told = await source.checks()
    return [msgspec.structs.replace(one, name=f"{source.name} {one.name}") for one in told]


def _none(why: str) -> Sequence[Check]:
    step = "Mend what it says; research data comes with the next start."
    failed = Check(name="sources", state=CheckState.FAILED, found=why, next_step=step)
    return (failed,) if why else ()


def _source(line: BudgetLine) -> Check:
    """What it has left."""
    name = f"source {line.source}"
    used = ", ".join(f"{e.used} of {e.most} this {span.value}" for span, e in line.spans.items())
    found = f"Requests: {used or 'no limit known'}."
    if line.held_s:
        found = f"Held back for {line.held_s:.0f} s: {line.held_why}. {found}"
        return Check(
            name=name,
            state=CheckState.WARNING,
            found=found,
            next_step="Wait, or set up another source.",
        )
    day = [e for span, e in line.spans.items() if span.value == "day"]
    if any(each.most - each.used < each.most * _LOW for each in day):
        step = "The rest of the day is for what is on screen. A larger plan, or another source."
        return Check(name=name, state=CheckState.WARNING, found=found, next_step=step)
    return Check(name=name, state=CheckState.OK, found=found)
