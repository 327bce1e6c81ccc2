"""Fees, dividends and interest that come without a trade: each booked once, as the broker tells.

They count on the day on which they are booked, as they do in the broker's own equity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec
import structlog

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.events import PositionAdjusted
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, BrokerError, Charge, Settling
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store, StoreError

_log = structlog.get_logger(__name__)
KIND = "charges"
DAY_NS = 86_400 * SECOND


class KnownCharges(msgspec.Struct, frozen=True):
    """What the audit log keeps: those that were there before the cockpit knew the account."""

    before: tuple[str, ...] = ()


class Charges:
    """Asks at the start and then every `EVERY_S`; a broker that tells none is left alone.

    `complete` is True once a look has booked all that the broker told; `on_complete` is called
    after each such look.
    """

    EVERY_S = 900.0
    BACK_NS = 14 * DAY_NS

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        supervisor: Supervisor,
        store: Store,
        broker: Broker,
        account_id: str,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._supervisor = supervisor
        self._store = store
        self._broker = broker
        self._account_id = account_id
        self._booked: set[str] = set()
        self.complete = False
        self.on_complete: Callable[[], None] = lambda: None

    async def look(self) -> int:
        """Book what is new; how many that were. Never raises: it is asked again."""
        if not isinstance(self._broker, Settling):
            self.complete = True
            return 0
        try:
            told = await self._broker.charges(self._clock.now_ns() - self.BACK_NS)
            news = await self._news(told)
            for charge in news:
                await self._book(charge)
        except (BrokerError, StoreError) as error:
            _log.warning("charges_not_booked", error=str(error))
            return 0
        self.complete = True
        self.on_complete()
        return len(news)

    def start(self) -> None:
        """Go on looking in the background."""
        if not isinstance(self._broker, Settling):
            return
        try:
            self._supervisor.serve(self._look_on, name="charges", owner="trading")
        except SupervisorStoppedError:
            _log.info("charges_dropped")

    async def _look_on(self) -> None:
        while True:
            await self._clock.sleep(self.EVERY_S)
            await self.look()

    async def _news(self, told: Sequence[Charge]) -> list[Charge]:
        """Those not booked yet; none of before the first look, which the first equity has."""
        written = await self._store.newest_record(KIND, self._account_id)
        if written is None:
            known = KnownCharges(tuple(charge.charge_id for charge in told))
            await self._store.record(KIND, self._account_id, self._clock.now_ns(), known)
            return []
        before = msgspec.json.decode(written, type=KnownCharges).before
        return [c for c in told if c.charge_id not in before and c.charge_id not in self._booked]

    async def _book(self, charge: Charge) -> None:
        now = self._clock.now_ns()
        entry = Adjustment(
            adjustment_id=f"charge/{charge.charge_id}",
            account_id=self._account_id,
            symbol=f"CASH {charge.currency}",  # with a space: USD alone is the name of a fund
            quantity=Decimal(0),
            average_cost=Decimal(0),
            kind=AdjustmentKind.CHARGE,
            reason=charge.text,
            ts_event=now,
            ts_init=now,
            fee=-charge.amount,
        )
        if await self._store.save_adjustment(entry):
            self._bus.publish(PositionAdjusted(adjustment=entry, ts_event=now, ts_init=now))
        self._booked.add(charge.charge_id)
