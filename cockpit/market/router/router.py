"""One question, several sources: what is kept first, then each in its turn, then what is old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any, Protocol
from weakref import WeakValueDictionary

import msgspec
import structlog

from cockpit.domain.errors import CockpitError
from cockpit.kernel.clock import SECOND
from cockpit.market.router import keeping, quotes
from cockpit.market.router.budget import Purpose
from cockpit.market.router.checking import NoPriceError, checked
from cockpit.market.router.errors import NoAnswerError
from cockpit.market.router.offers import clipped, why_not
from cockpit.market.router.pieces import (
    FRESH_S,
    is_fresh,
    key_of,
    pieces_of,
    refusal_key,
    together,
)
from cockpit.market.router.quotes import Newest
from cockpit.market.router.roll import Member, Roll
from cockpit.ports.clock import Clock
from cockpit.ports.research import Kept, ResearchStore
from cockpit.ports.source import (
    KIND_OF,
    Answer,
    Ask,
    DownError,
    HeldBackError,
    Kind,
    MalformedError,
    NotEntitledError,
    QuoteAsk,
    Source,
    SourceError,
    ThrottledError,
    UnknownSymbolError,
)

_log = structlog.get_logger(__name__)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen. `order` names the sources of each kind, the first preferred.

    `fresh_s` is how old an answer may be, by kind, else FRESH_S; `reserve` the fraction of a
    budget that only the screen may use. `unknown_s` and `not_entitled_s`: so long a refusal is
    believed.
    """

    order: Mapping[Kind, Sequence[str]]
    fresh_s: Mapping[Kind, float] = {}
    reserve: float = 0.2
    timeout_s: float = 10.0
    unknown_s: float = 21_600.0
    not_entitled_s: float = 3_600.0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and how far to believe it.

    `age_s` since it was fetched. `kept`: no request went out for it. `stale`: it is older than
    was asked for, but nobody knows better; to be shown grey. `adjusted_by`: whose splits and
    dividends put raw bars right, where their own source did not. `passed_over`: who did not answer
    before, and why.
    """

    answer: Answer
    age_s: float
    kept: bool
    stale: bool = False
    adjusted_by: str = ""
    passed_over: tuple[SourceError, ...] = ()


class Spawn(Protocol):
    """Starts owned work: `Supervisor.work`."""

    def __call__(self, body: Coroutine[Any, Any, None], *, name: str, owner: str) -> object:
        """Start it."""
        ...


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    ask: Ask
    pieces: Sequence[Ask]
    purpose: Purpose
    most_s: float
    since_ns: int
    second: bool = False

    def keys(self, source: str) -> list[str]:
        return [key_of(source, piece) for piece in self.pieces]

    def fresh(self, kept: Kept, piece: Ask, now_ns: int) -> bool:
        """Young enough, or fetched while we waited for it."""
        waited_for = self.since_ns <= kept.fetched_ns <= now_ns
        return waited_for or is_fresh(kept, piece, now_ns, self.most_s)


class Router:
    """Asks the sources of each kind in their order. Never mixes two of them in one answer."""

    def __init__(
        self,
        sources: Sequence[Source],
        rules: Rules,
        *,
        store: ResearchStore,
        clock: Clock,
        spawn: Spawn,
        market_open: Callable[[int], bool] = lambda _now_ns: True,
    ) -> None:
        self.roll = Roll(sources, rules.order, store, clock, rules.reserve)
        self._rules = rules
        self._store = store
        self._clock = clock
        self._spawn = spawn
        self._market_open = market_open
        self._newest = Newest()
        self._flights: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def get(
        self,
        ask: Ask,
        *,
        purpose: Purpose = Purpose.SCREEN,
        max_age_s: float | None = None,
        without: Collection[str] = (),
    ) -> Found:
        """The answer to `ask`, not older than `max_age_s`, else than the kind's own age.

        Sources in `without` are not asked, and nothing of theirs is given: a second opinion is
        not that of the first.

        An older one is given, marked as stale, when no source answers. Raises NoAnswerError when
        there is none either, and StoreError when requests can't be counted.
        """
        kind = KIND_OF[type(ask)]
        now = self._clock.now_ns()
        question = _Question(
            ask=ask,
            pieces=pieces_of(ask),
            purpose=purpose,
            most_s=self._rules.fresh_s.get(kind, FRESH_S[kind]) if max_age_s is None else max_age_s,
            since_ns=now,
            second=bool(without),
        )
        able, passed = self._able(kind, ask, now, without)
        for member in able:
            if (kept := await self._kept(member, question)) is not None:
                return self._found(question, kept, kept=True)
        found = await self._asked(able, question, passed)
        if found is None:
            found = await self._old(able, question, passed)
        if found is None:
            raise NoAnswerError(ask, passed)
        return msgspec.structs.replace(found, passed_over=tuple(passed))

    async def close(self) -> None:
        """Hang up at all sources."""
        for member in self.roll.members:
            await member.source.close()

    def _able(
        self, kind: Kind, ask: Ask, now_ns: int, without: Collection[str]
    ) -> tuple[list[Member], list[SourceError]]:
        able, passed = list[Member](), list[SourceError]()
        for member in self.roll.of(kind):
            if member.name in without:
                continue
            if why := why_not(member.source.profile, ask, now_ns):
                passed.append(NotEntitledError(member.name, why))
            else:
                able.append(member)
        return able, passed

    async def _kept(self, member: Member, question: _Question) -> Answer | None:
        """What is kept of this source, if all of it is fresh."""
        now, keys = self._clock.now_ns(), question.keys(member.name)
        kept = await self._store.find(keys, now)
        parts = list[tuple[Answer, bool]]()
        for key, piece in zip(keys, question.pieces, strict=True):
            if key not in kept or not question.fresh(kept[key], piece, now):
                return None
            parts.append((keeping.answer_of(kept[key], piece), kept[key].final))
        return keeping.joined(parts, question.ask) if parts else None

    async def _asked(
        self, able: Sequence[Member], question: _Question, passed: list[SourceError]
    ) -> Found | None:
        kind = KIND_OF[type(question.ask)]
        old = list[Answer]()
        for member in self.roll.in_turn(able, kind, passed):
            try:
                answer = await self._from(member, question)
            except SourceError as error:
                await self._failed(member, kind, question.ask, error)
                passed.append(error)
                continue
            if kind is Kind.QUOTE and self._is_old(answer):
                old.append(answer)
                continue
            self._served(member, able, question, passed)
            self._blame_the_late([*old, answer])
            return self._found(question, answer)
        if not old:
            return None
        self._blame_the_late(old)
        return self._found(question, quotes.newest(old), stale=True)

    def _blame_the_late(self, answers: Sequence[Answer]) -> None:
        for late in quotes.lagging(answers) if len(answers) > 1 else ():
            error = DownError(late.source, "its prices are behind those of another source")
            self.roll.failed(self.roll.named(late.source), Kind.QUOTE, error)

    def _is_old(self, answer: Answer) -> bool:
        now = self._clock.now_ns()
        return self._market_open(now) and quotes.is_old(answer, now)

    async def _from(self, member: Member, question: _Question) -> Answer:
        """One source's answer, what is missing fetched. Only one ask at a time for one key."""
        name, ask = member.name, question.ask
        # bars of one symbol and length are fetched one after the other: their pieces overlap
        flight = self._flights.setdefault(refusal_key(name, ask), asyncio.Lock())
        async with flight:
            await self._raise_refusal(name, ask)
            now, keys = self._clock.now_ns(), question.keys(name)
            kept = dict(await self._store.find(keys, now))
            missing = [
                piece
                for key, piece in zip(keys, question.pieces, strict=True)
                if key not in kept or not question.fresh(kept[key], piece, now)
            ]
            if missing and (why := self.roll.why_out(member, KIND_OF[type(ask)])):
                raise why
            for run, pieces in together(missing, now):
                for each in await self._fetched(member, run, pieces, question.purpose):
                    kept[each.key] = each
            parts = [
                (keeping.answer_of(kept[key], piece), kept[key].final)
                for key, piece in zip(keys, question.pieces, strict=True)
            ]
            return keeping.joined(parts, ask)

    async def _fetched(
        self, member: Member, run: Ask, pieces: Sequence[Ask], purpose: Purpose
    ) -> list[Kept]:
        now = self._clock.now_ns()
        asked = clipped(member.source.profile, run, now)
        answer = await self._fetch(member, asked, purpose)
        kind = KIND_OF[type(run)]
        if self.roll.answered(member, kind):
            _log.info("source_back", source=member.name, kind=kind.value)
        kept = [keeping.kept_of(answer, piece, whole=asked == run) for piece in pieces]
        await self._store.keep(kept, self._clock.now_ns())
        return kept

    async def _fetch(self, member: Member, ask: Ask, purpose: Purpose) -> Answer:
        try:
            async with asyncio.timeout(self._rules.timeout_s):
                answer = await member.source.fetch(ask, member.till.meter(purpose))
        except TimeoutError as error:
            why = f"no answer within {self._rules.timeout_s:g} s"
            raise DownError(member.name, why) from error
        except CockpitError:
            raise
        except Exception as error:  # a plug-in's own fault must not take the other sources along
            _log.exception("source_broke", source=member.name)
            raise MalformedError(member.name, f"its adapter broke: {error!r}") from error
        if answer.source != member.name:
            raise MalformedError(member.name, f"an answer that says it is of {answer.source}")
        return checked(answer, ask, self._clock.now_ns())

    async def _raise_refusal(self, name: str, ask: Ask) -> None:
        key, now = refusal_key(name, ask), self._clock.now_ns()
        found = (await self._store.find([key], now)).get(key)
        if found is not None:
            refusal = keeping.refusal_of(found)
            if found.fetched_ns - SECOND <= now < refusal.until_ns:
                raise refusal.error(name)

    async def _failed(self, member: Member, kind: Kind, ask: Ask, error: SourceError) -> None:
        """Remember it where it belongs: the symbol, the budget, or the source's standing."""
        if isinstance(error, HeldBackError | NoPriceError):
            return
        if isinstance(error, ThrottledError):
            await member.till.throttled(error)
        elif isinstance(error, UnknownSymbolError | NotEntitledError):
            await self._keep_refusal(member.name, ask, error)
        elif self.roll.failed(member, kind, error):
            _log.warning("source_out", source=member.name, kind=kind.value, why=error.why)

    async def _keep_refusal(self, name: str, ask: Ask, error: SourceError) -> None:
        key, now = refusal_key(name, ask), self._clock.now_ns()
        known = (await self._store.find([key], now)).get(key)
        if known is not None and now < keeping.refusal_of(known).until_ns:
            return  # it was told from what is kept: that must not make it last
        unknown = isinstance(error, UnknownSymbolError)
        lasts_s = self._rules.unknown_s if unknown else self._rules.not_entitled_s
        until = now + round(lasts_s * SECOND)
        await self._store.keep([keeping.refused(key, ask, error, now, until)], now)

    async def _old(
        self, able: Sequence[Member], question: _Question, passed: list[SourceError]
    ) -> Found | None:
        """What is kept, however old, where no source answers; the newest of it."""
        whatever = msgspec.structs.replace(question, most_s=float("inf"))
        kept = [answer for m in able if (answer := await self._kept(m, whatever)) is not None]
        if not kept or any(isinstance(error, UnknownSymbolError) for error in passed):
            return None
        if isinstance(question.ask, QuoteAsk):
            best = quotes.newest(kept)
        else:
            best = max(kept, key=lambda answer: answer.fetched_ns)
        return self._found(question, best, kept=True, stale=True)

    def _served(
        self,
        member: Member,
        able: Sequence[Member],
        question: _Question,
        passed: Sequence[SourceError],
    ) -> None:
        """Note who served, and try those before it that are due."""
        kind = KIND_OF[type(question.ask)]
        self.roll.served(member, kind, passed)
        for other in able[: able.index(member)]:
            if self.roll.try_now(other, kind):
                self._spawn(
                    self._trial(other, question), name=f"trial-{other.name}", owner="research"
                )

    async def _trial(self, member: Member, question: _Question) -> None:
        """Ask a source that had failed; its answer is kept, and counts for its standing."""
        ask = question.ask
        again = msgspec.structs.replace(
            question, purpose=Purpose.BACKGROUND, most_s=0.0, since_ns=self._clock.now_ns()
        )
        try:
            await self._from(member, again)
        except SourceError as error:
            await self._failed(member, KIND_OF[type(ask)], ask, error)

    def _found(
        self, question: _Question, answer: Answer, *, kept: bool = False, stale: bool = False
    ) -> Found:
        if isinstance(question.ask, QuoteAsk) and not question.second:
            # whoever answers, time does not go backwards
            answer = self._newest.settle(answer, self._clock.now_ns())
        age_ns = max(0, self._clock.now_ns() - answer.fetched_ns)
        return Found(answer=answer, age_s=age_ns / SECOND, kept=kept, stale=stale)
