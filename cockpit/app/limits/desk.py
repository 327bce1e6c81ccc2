"""Changing limits while trading: kept in the audit log, looser ones on a live account confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog

from cockpit.app.errors import AppError
from cockpit.app.limits.status import LimitStatus, aged, limit_status
from cockpit.domain.account import Mode
from cockpit.domain.errors import DomainError
from cockpit.domain.limit_rules import LimitRules, LimitValue, Place, strictest
from cockpit.domain.limits import Limits, Verdict
from cockpit.ports.clock import Clock
from cockpit.ports.store import Run, Store
from cockpit.risk.board import Gauge
from cockpit.risk.limit_book import LimitBook

LIMITS = "limits"
FILE = "settings file"

_log = structlog.get_logger(__name__)


class LimitChangeError(AppError):
    """A limit was not changed; `user_text` says why and what would do."""

    code = "LIMIT_CHANGE"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A looser value of the settings file that a person has not confirmed yet.

    `wanted` is None where the file no longer sets anything.
    """

    place: Place
    in_force: LimitValue
    wanted: LimitValue | None


class LimitDesk:
    """The one way to other limits while the program runs.

    A tighter limit holds at once, whatever becomes of the store; a looser one only when the
    audit log has it.
    """

    def __init__(
        self, *, book: LimitBook, written: LimitRules, store: Store, clock: Clock, mode: Mode
    ) -> None:
        self.book = book
        self._written = written
        self._store = store
        self._clock = clock
        self._mode = mode
        self._gauges: Callable[[], Sequence[Gauge]] = tuple
        self._verdict: Callable[[], Verdict | None] = lambda: None
        self._one_at_a_time = asyncio.Lock()

    def measured_by(
        self, gauges: Callable[[], Sequence[Gauge]], verdict: Callable[[], Verdict | None]
    ) -> None:
        """Where the last measures come from: the monitor's gauges and the gate's last verdict."""
        self._gauges, self._verdict = gauges, verdict

    def status(self) -> list[LimitStatus]:
        """Every limit with its last measure; what is measured in time as of now."""
        gauges = aged(self._gauges(), self._clock.now_ns())
        return limit_status(self.book.rules, gauges, self._verdict())

    def waiting(self) -> list[Waiting]:
        """What the settings file would loosen, by place."""
        return waiting_of(self._written, self.book.rules)

    def phrase(self, place: Place, value: LimitValue | None) -> str:
        """What a person must type for this change; empty when nothing."""
        if self._mode is not Mode.LIVE or not self.loosens(place, value):
            return ""
        return f"LOOSEN {place}"

    def loosens(self, place: Place, value: LimitValue | None) -> bool:
        """True when more would be allowed than now."""
        now = self.book.rules.values.get(place)
        if now is None:
            return False  # one more rule can only narrow
        return value is None or strictest(place.name, now, value) != value

    async def change(
        self, place: Place, value: LimitValue | None, *, typed: str = "", by: str = "person"
    ) -> None:
        """Let `value` hold at `place` from now on; None takes a narrower rule away.

        Raises LimitChangeError, also for a phrase that was not typed, and StoreError.
        """
        async with self._one_at_a_time:
            before = self.book.rules
            after = _changed(before, place, value)
            looser, needed = self.loosens(place, value), self.phrase(place, value)
            if needed and typed.strip() != needed:
                raise LimitChangeError(
                    f"{place}: {needed!r} was not typed",
                    user_text=f"This loosens a limit of a live account. Type {needed} to confirm "
                    "it. The limit is as it was.",
                )
            if after == before:
                return
            if not looser:
                self.book.put(after)
            await self._record(before, after, place, by)
            if looser:
                self.book.put(after)
        _log.info("limit_changed", place=str(place), value=str(value), by=by)

    async def _record(self, before: LimitRules, after: LimitRules, place: Place, by: str) -> None:
        await self._store.record(
            LIMITS, self.book.account_id, self._clock.now_ns(), _told(before, after, by, place)
        )


async def settle_limits(store: Store, run: Run, written: LimitRules, now_ns: int) -> LimitRules:
    """What holds at a start: the settings file, on a live account never looser than before.

    Journals it with what held before when that changed. Raises StoreError.
    """
    before = await _kept(store, run.account_id)
    after = written
    if before is not None and run.mode is Mode.LIVE:
        after = written.stricter_with(before)
    if before != after:
        told = _told(before, after, FILE, None)
        await store.record(LIMITS, run.account_id, now_ns, told)
    return after


def waiting_of(written: LimitRules, in_force: LimitRules) -> list[Waiting]:
    """Where `written` is looser than what is in force."""
    return [
        Waiting(place=place, in_force=in_force.values[place], wanted=written.values.get(place))
        for place in written.looser_than(in_force)
    ]


async def _kept(store: Store, account_id: str) -> LimitRules | None:
    written = await store.newest_record(LIMITS, account_id)
    return None if written is None else decoded_limits(written)


def decoded_limits(written: str) -> LimitRules:
    """What a row of the audit log says was in force; those of the house if it can't be read."""
    try:
        kept = msgspec.json.decode(written, type=dict[str, Any])["after"]
        return LimitRules.from_text(kept)
    except (msgspec.DecodeError, KeyError, TypeError, ArithmeticError, DomainError) as error:
        _log.error("limits_unreadable", error=str(error))
        return LimitRules.of(Limits())


def _changed(before: LimitRules, place: Place, value: LimitValue | None) -> LimitRules:
    try:
        if value is not None:
            return before.changed(place, value)
        return LimitRules({p: v for p, v in before.values.items() if p != place})
    except DomainError as error:
        raise LimitChangeError(
            str(error), user_text=f"The limit can't be changed: {error}. It is as it was."
        ) from error


def _told(
    before: LimitRules | None, after: LimitRules, by: str, place: Place | None
) -> Mapping[str, Any]:
    told: dict[str, Any] = {"before": None if before is None else before.as_text()}
    told |= {"after": after.as_text(), "by": by}
    if place is not None and before is not None:
        old, new = told["before"].get(str(place)), told["after"].get(str(place))
        told |= {"limit": str(place), "old": old, "new": new}
    return told
