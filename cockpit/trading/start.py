"""The way to the first order: load, sign in, open the day, recover, keep sweeping."""

from __future__ import annotations

import msgspec
import structlog

from cockpit.domain.order import OrderState
from cockpit.domain.values import session_date
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store, StoreError
from cockpit.trading.charges import Charges
from cockpit.trading.day_opening import DayOpening
from cockpit.trading.key_pin import KeyPin
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.recovery import Loader, Recovery, Sweeper
from cockpit.trading.venue_events import VenueEvents

_log = structlog.get_logger(__name__)
DAY = "day_opening"


class Start:
    """Brings one account up, once."""

    def __init__(
        self,
        *,
        clock: Clock,
        supervisor: Supervisor,
        store: Store,
        broker: Broker,
        events: VenueEvents,
        orders: OrderBook,
        portfolio: Portfolio,
        loader: Loader,
        recovery: Recovery,
        sweeper: Sweeper,
        key_pin: KeyPin,
        charges: Charges,
        account_id: str,
    ) -> None:
        self._clock = clock
        self._supervisor = supervisor
        self._store = store
        self._broker = broker
        self._events = events
        self._orders = orders
        self._portfolio = portfolio
        self._loader = loader
        self._recovery = recovery
        self._sweeper = sweeper
        self._key_pin = key_pin
        self._charges = charges
        self._account_id = account_id

    async def run(self) -> None:
        """Come up to READY, or to BLOCKED with the reason shown.

        Raises BrokerError when there is no session to be had, and StoreError.
        """
        fresh = await self._loader.load()
        await self._broker.connect(self._events)
        new_day = await self._open_day()
        self._portfolio.on_opening = self._keep_opening
        self._charges.on_complete = self._portfolio.charges_told
        self._events.begin()
        await self._recovery.run("the cockpit has started", first=fresh)
        await self._charges.look()
        if new_day:
            await self._open_anew()
        self._portfolio.on_new_day = self._new_day
        self._sweeper.start()
        self._charges.start()

    async def _open_day(self) -> bool:
        """Go on with today as it was begun; True when it begins only now."""
        account = await self._broker.account()
        await self._key_pin.take(account)
        self._events.on_account(account)
        begun = await self._begun_today()
        if begun is not None:
            self._portfolio.go_on_from(begun)
            return False
        self._portfolio.open_at(account.equity, charges_told=False)
        return True

    async def _open_anew(self) -> None:
        """Begin the day with what was filled while nobody was here counted once.

        The broker's equity has it already; recovery has just booked it as today's result, and
        so have the charges, if their list could be had.
        """
        if self._events.account is not None:
            told = self._charges.complete
            self._portfolio.open_at(self._events.account.equity, charges_told=told)
        await self._record_opening()

    async def _begun_today(self) -> DayOpening | None:
        written = await self._store.newest_record(DAY, self._account_id)
        if written is None:
            return None
        try:
            begun = msgspec.json.decode(written, type=DayOpening)
        except msgspec.DecodeError as error:
            _log.error("day_opening_unreadable", error=str(error))
            return None
        return begun if begun.day == self._today() else None

    def _new_day(self) -> None:
        if any(o.state is OrderState.UNKNOWN for o in self._orders.open()):
            self._recovery.request("a new day may settle what had no answer")
        self._keep_opening()

    def _keep_opening(self) -> None:
        try:
            self._supervisor.work(self._kept_opening(), name="open-day", owner="trading")
        except SupervisorStoppedError:
            _log.info("day_opening_dropped")

    async def _kept_opening(self) -> None:
        try:
            await self._record_opening()
        except StoreError as error:  # it is reckoned anew at the next start
            _log.warning("day_opening_not_stored", error=str(error))

    async def _record_opening(self) -> None:
        opening = self._portfolio.opening(self._today())
        if opening is not None:
            await self._store.record(DAY, self._account_id, self._clock.now_ns(), opening)

    def _today(self) -> str:
        return session_date(self._clock.now_ns()).isoformat()
