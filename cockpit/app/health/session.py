"""A running session: its connections, its books, its prices, its ledger's writer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from cockpit.app.core import Core
from cockpit.domain.connection import Connection, Health
from cockpit.domain.limits import TradingState
from cockpit.domain.recovery import RecoveryPhase
from cockpit.market.errors import MarketError
from cockpit.market.session import Phase
from cockpit.ports.health import Check, CheckState
from cockpit.ports.store import Store

QUIET_S = 15.0
QUICK_MS, SLOW_WRITE_MS = 100.0, 500.0
_OK, _WARNING, _FAILED, _UNKNOWN = CheckState
_LAMPS: dict[Health, CheckState] = {
    Health.UP: _OK,
    Health.PAUSED: _OK,
    Health.ENDED: _OK,  # played to its end; nothing can be armed then all the same
    Health.CONNECTING: _UNKNOWN,
    Health.STALE: _FAILED,
    Health.DOWN: _FAILED,
    Health.AUTH_FAILED: _FAILED,
}
_STEPS: dict[Health, str] = {
    Health.CONNECTING: "It is tried again by itself.",
    Health.STALE: "It is connected anew by itself; look at your network if it stays so.",
    Health.DOWN: "It is tried again by itself; look at your network and the provider's status.",
    Health.AUTH_FAILED: "Store other keys, then start again.",
}


class SessionChecks:
    """Reads what is in memory; asks nobody."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def connections(self) -> Sequence[Check]:
        """Every lamp, and how far the clocks are apart where the other side tells."""
        lamps = self._core.readiness.lamps
        if not lamps:
            found = "Nothing is connected yet."
            return (Check(name="connections", state=_UNKNOWN, found=found, required=True),)
        return [*map(_lamp, lamps), *self._clocks(lamps)]

    def books(self) -> Check:
        """Whether ledger and broker agree."""
        told = self._core.recovery
        if told.phase is RecoveryPhase.READY:
            return Check(name="books", state=_OK, found="As the broker's.", required=True)
        blocked = told.phase is RecoveryPhase.BLOCKED
        return Check(
            name="books",
            state=_FAILED if blocked else _UNKNOWN,
            found=told.text or "Not compared with the broker's yet.",
            next_step="Compare again, or accept the broker's word." if blocked else "",
            required=True,
        )

    def trading(self) -> Check:
        """Whether trading is active."""
        switch = self._core.switch
        if switch.state is TradingState.ACTIVE:
            return Check(name="trading", state=_OK, found="Active.")
        return Check(
            name="trading",
            state=_WARNING,
            found=f"{switch.state.value.capitalize()}: {switch.reason}",
            next_step="Resume when the reason is gone.",
        )

    def prices(self) -> Check:
        """How old the newest price is while the exchange is open."""
        core = self._core
        ages = [core.book.age_s(symbol) for symbol in core.book.symbols]
        known = [age for age in ages if age is not None]
        if not known:
            return Check(name="prices", state=_OK, found="None came yet.")
        newest = min(known)
        found = f"The newest is {newest:.1f} s old, of {len(known)} of {len(ages)} symbols."
        if newest <= QUIET_S or not self._should_flow():
            return Check(name="prices", state=_OK, found=found)
        step = "Nothing opens on prices so old. Look at the feed's lamp and its provider's status."
        return Check(name="prices", state=_WARNING, found=found, next_step=step)

    def _should_flow(self) -> bool:
        core = self._core
        feeds = [lamp for lamp in core.readiness.lamps if lamp.kind == "feed"]
        try:
            is_open = core.calendar.phase(core.clock.now_ns()) is Phase.OPEN
        except MarketError:
            return False
        return is_open and any(lamp.health is Health.UP for lamp in feeds)

    def _clocks(self, lamps: Sequence[Connection]) -> Iterator[Check]:
        most = float(self._core.limits.rules.limits(self._core.account_id).max_clock_skew_s)
        for lamp in lamps:
            if lamp.clock_skew_s is None:
                continue
            fine = abs(lamp.clock_skew_s) <= most
            yield Check(
                name=f"clock of {lamp.name}",
                state=_OK if fine else _FAILED,
                found=f"{lamp.clock_skew_s:+.3f} s from ours, {most:g} s are allowed.",
                next_step="" if fine else "Set this computer's clock by the network time.",
                required=True,
            )


def _lamp(lamp: Connection) -> Check:
    word = lamp.health.value.replace("_", " ")
    detail = f": {lamp.detail}" if lamp.detail else ""
    return Check(
        name=f"{lamp.kind} {lamp.name}",
        state=_LAMPS[lamp.health],
        found=f"{word.capitalize()}{detail}.",
        next_step=_STEPS.get(lamp.health, ""),
        required=True,
    )


class LedgerWriter:
    """Asks the ledger's one writer something, and takes the time until it has answered."""

    def __init__(self, store: Store, account_id: str) -> None:
        self._store = store
        self._account_id = account_id

    async def ask(self) -> Sequence[Check]:
        """Look now. Raises StoreError when it refuses."""
        took = await self._took_ms()
        if took > QUICK_MS:  # the loop itself was busy, for example with a window: once more
            took = min(took, await self._took_ms())
        slow = not took <= SLOW_WRITE_MS
        return (
            Check(
                name="ledger writer",
                state=_WARNING if slow else _OK,
                found=f"Answered in {took:.0f} ms.",
                next_step="Something holds the disk or the ledger's file." if slow else "",
                required=True,
            ),
        )

    async def _took_ms(self) -> float:
        began = time.perf_counter_ns()
        await self._store.newest_record("state", self._account_id)
        return (time.perf_counter_ns() - began) / 1e6
