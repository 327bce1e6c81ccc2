"""The sources with their standing: whose turn it is, who serves, and why not another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.market.router.meter import Till
from cockpit.market.router.standing import LONGEST_S, Standing, State
from cockpit.ports.clock import Clock
from cockpit.ports.research import ResearchStore
from cockpit.ports.source import DownError, KeyRefusedError, Kind, Source, SourceError


@dataclass(frozen=True)
class Member:
    """A source, its till, and how it stands by kind."""

    source: Source
    till: Till
    standing: Mapping[Kind, Standing] = field(
        default_factory=lambda: {kind: Standing() for kind in Kind}
    )

    @property
    def name(self) -> str:
        """The source's."""
        return self.source.name


@dataclass(frozen=True)
class Serving:
    """Which source answered a kind last, when, and why those before it did not."""

    source: str
    since_ns: int
    last_ns: int
    why: str


class Roll:
    """Who is asked, in which order. `order` may name a source that is not there: it is skipped."""

    def __init__(
        self,
        sources: Sequence[Source],
        order: Mapping[Kind, Sequence[str]],
        store: ResearchStore,
        clock: Clock,
        reserve: float,
    ) -> None:
        self._clock = clock
        self._order = order
        self._members = {
            source.name: Member(
                source, Till(source.name, source.profile.budget, store, clock, reserve)
            )
            for source in sources
        }
        self._serving: dict[Kind, Serving] = {}

    @property
    def members(self) -> Sequence[Member]:
        """All of them."""
        return tuple(self._members.values())

    @property
    def serving(self) -> Mapping[Kind, Serving]:
        """Who answered last, by kind."""
        return self._serving

    def named(self, name: str) -> Member:
        """The member of that name."""
        return self._members[name]

    def of(self, kind: Kind) -> list[Member]:
        """Those that are to be asked for a kind, the preferred first."""
        names = self._order.get(kind, ())
        return [self._members[name] for name in names if name in self._members]

    def in_turn(
        self, able: Sequence[Member], kind: Kind, passed: list[SourceError]
    ) -> Sequence[Member]:
        """The good ones in their order, then those on trial; who is out is added to `passed`."""
        elapsed = self._clock.elapsed_ns()
        states = {member.name: member.standing[kind].state(elapsed) for member in able}
        passed += [why for member in able if (why := self.why_out(member, kind)) is not None]
        wanted = (State.GOOD, State.TRIAL)
        return [member for state in wanted for member in able if states[member.name] is state]

    def why_out(self, member: Member, kind: Kind) -> SourceError | None:
        """Why it must not be asked now; None when it may."""
        standing, elapsed = member.standing[kind], self._clock.elapsed_ns()
        if standing.state(elapsed) is not State.OUT:
            return None
        wait_s = standing.waits_s(elapsed)
        return DownError(member.name, f"left alone for now: {standing.why}", retry_after_s=wait_s)

    def failed(self, member: Member, kind: Kind, error: SourceError) -> bool:
        """Put it out; True when it had been good. A refused key is refused for every kind."""
        elapsed = self._clock.elapsed_ns()
        if isinstance(error, KeyRefusedError):
            error.retry_after_s = error.retry_after_s or LONGEST_S
            were_good = [each.failed(error, elapsed) for each in member.standing.values()]
            return all(were_good)
        return member.standing[kind].failed(error, elapsed)

    def answered(self, member: Member, kind: Kind) -> bool:
        """It gave a good answer; True when that brought it back."""
        return member.standing[kind].answered()

    def try_now(self, member: Member, kind: Kind) -> bool:
        """True when it is on trial and due; the trial begins with that."""
        standing, elapsed = member.standing[kind], self._clock.elapsed_ns()
        if not standing.may_try(elapsed):
            return False
        standing.tried(elapsed)
        return True

    def served(self, member: Member, kind: Kind, passed: Sequence[SourceError]) -> None:
        """Note who answered."""
        now, before = self._clock.now_ns(), self._serving.get(kind)
        same = before is not None and before.source == member.name
        self._serving[kind] = Serving(
            source=member.name,
            since_ns=before.since_ns if same and before is not None else now,
            last_ns=now,
            why="; ".join(f"{error.source}: {error.why}" for error in passed),
        )
