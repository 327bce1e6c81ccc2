"""What an Alpaca session says of itself: account, permissions, clock, requests, delay, stream."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median

from cockpit.adapters.brokers.alpaca import reading
from cockpit.adapters.brokers.alpaca.faults import (
    HeldBackError,
    NoAnswerError,
    UnreadableError,
    VenueRefusalError,
)
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.alpaca.session import Session
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.brokers.alpaca.wire import WireAccount, WireClock
from cockpit.adapters.brokers.bodies import ns_of
from cockpit.adapters.secrets.skew import Skew, skew_check, skew_of
from cockpit.domain.connection import Health
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState

SLOW_MS = 1000.0
DAY_TRADER_EQUITY = Decimal(25_000)
_NO_USE = (NoAnswerError, HeldBackError, UnreadableError)
_OK, _WARNING, _FAILED, _UNKNOWN = CheckState


class AlpacaChecks:
    """Asks for account and clock, two requests; the rest is at hand."""

    def __init__(
        self, settings: AlpacaSettings, clock: Clock, lines: Lines, session: Session
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._lines = lines
        self._session = session

    async def all(self) -> Sequence[Check]:
        """Look now; raises nothing."""
        account = await self._account()
        clock = await self.clocks()
        return [*account, clock, self._requests(), self._delay(), self._stream()]

    async def _account(self) -> Sequence[Check]:
        try:
            wire = await self._lines.account()
        except VenueRefusalError as error:
            return [_refused(error)]
        except _NO_USE as error:
            return [_unknown("account", error)]
        why = reading.why_no_trading(wire)
        state = Check(
            name="account",
            state=_FAILED if why else _OK,
            found=f"Alpaca lets it trade nothing: {why}." if why else "Active, may trade.",
            next_step="See the account's page at Alpaca." if why else "",
            required=True,
        )
        return [state, _permissions(wire)]

    async def clocks(self) -> Check:
        """Measure how the venue's clock differs from ours, and let the session know it."""
        asked = self._clock.now_ns()
        try:
            told = ns_of((await self._lines.get("/clock", WireClock)).timestamp)
        except (VenueRefusalError, *_NO_USE) as error:
            return _unknown("clock", error)
        skew: Skew = skew_of(told, asked, self._clock.now_ns())
        # A difference smaller than the answer's own way proves nothing.
        self._session.note_skew(skew.middle_s if skew.surely_s else 0.0)
        return skew_check("Alpaca", skew, codes=False, name="clock")

    def _requests(self) -> Check:
        left, reserve = self._lines.budget.left, self._settings.rate_reserve
        found = f"{left} requests left this minute."
        if left > reserve:
            return Check(name="requests", state=_OK, found=found)
        return Check(
            name="requests",
            state=_WARNING if left > 0 else _FAILED,
            found=f"{found} Orders wait: the last {reserve} are for cancels and comparing.",
            next_step="Wait for the next minute; find out what asks so much with these keys.",
        )

    def _delay(self) -> Check:
        delays = sorted(self._lines.delays_ms)
        if not delays:
            return Check(name="delay", state=_OK, found="No request was answered yet.")
        middle, worst = median(delays), delays[-1]
        found = f"Answers take {middle:.0f} ms, at most {worst:.0f} of the last {len(delays)}."
        if middle <= SLOW_MS:
            return Check(name="delay", state=_OK, found=found)
        step = "Orders and cancels will be late, too. Look at your network."
        return Check(name="delay", state=_WARNING, found=found, next_step=step)

    def _stream(self) -> Check:
        """Beside the lamp, which is what arming needs: when it last said something."""
        session = self._session
        age = (self._clock.now_ns() - session.heard_ns) / SECOND
        heard = f"the last message {age:.0f} s ago" if session.heard_ns else "no message yet"
        if session.health is Health.UP:
            return Check(name="stream", state=_OK, found=f"Listening, {heard}.")
        word = session.health.value.replace("_", " ")
        return Check(
            name="stream",
            state=_WARNING,
            found=f"It is {word}, {heard}.",
            next_step="It signs in anew by itself; then the books are compared.",
        )


def signed_out() -> Check:
    """While there is no session."""
    return Check(
        name="account",
        state=_FAILED,
        found="Not signed in at Alpaca.",
        next_step="The lamp says why. Mend that, then start again.",
        required=True,
    )


def _permissions(wire: WireAccount) -> Check:
    parts = [
        f"margin x{wire.multiplier}" if wire.multiplier is not None else "",
        "shorting" if wire.shorting_enabled else "no shorting",
        "" if wire.daytrade_count is None else f"{wire.daytrade_count} day trades in 5 days",
    ]
    found = ", ".join(filter(None, parts))
    if wire.pattern_day_trader and not wire.equity >= DAY_TRADER_EQUITY:
        return Check(
            name="permissions",
            state=_WARNING,
            found=f"{found}. Flagged as a pattern day trader, with less than 25,000 of equity.",
            next_step="Alpaca refuses day trades then. Hold over night, or add money.",
        )
    flag = ", pattern day trader" if wire.pattern_day_trader else ""
    return Check(name="permissions", state=_OK, found=f"{found}{flag}.".capitalize())


def _refused(error: VenueRefusalError) -> Check:
    if error.status in (401, 403):
        return Check(
            name="account",
            state=_FAILED,
            found=f"Alpaca does not accept the keys: {error.message}.",
            next_step="Store new keys, then start again.",
            required=True,
        )
    return _unknown("account", error)


def _unknown(name: str, error: Exception) -> Check:
    return Check(
        name=name,
        state=_UNKNOWN,
        found=f"It could not be asked: {error}.",
        next_step="It is asked again by itself.",
        required=True,
    )
