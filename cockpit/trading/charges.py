"""Fees, dividends and interest that come without a trade: each booked once, as the broker tells.

They count on the day on which they are booked, as they do in the broker's own equity.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec
import structlog

from cockpit.domain.adjustment import Adjustment, AdjustmentKind
from cockpit.domain.events import PositionAdjusted
from cockpit.domain.values import NEW_YORK, session_date, utc
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import Broker, BrokerError, Charge, Settling
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState
from cockpit.ports.store import Store, StoreError

_log = structlog.get_logger(__name__)
KIND = "charges"
DAY_NS = 86_400 * SECOND
_MOST_NAMED = 3


class KnownCharges(msgspec.Struct, frozen=True):
    """What the audit log keeps: those that were there before the cockpit knew the account.

    `looked_ns` is when all was booked that there was; 0 in what older versions wrote.
    """

    before: tuple[str, ...] = ()
    looked_ns: int = 0


class Charges:
    """Asks at the start and then every `EVERY_S`; a broker that tells none is left alone.

    It asks from `BACK_NS` before the last look on, however long the cockpit was off. `complete`
    is True once a look has booked all that the broker told; `on_complete` is called after each
    such look.
    """

    EVERY_S = 900.0
    AGAIN_S = 60.0
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
        self._done: set[str] = set()
        self._begun: dict[str, Adjustment] = {}
        self._looking = asyncio.Lock()
        self._known: KnownCharges | None = None
        self._unclear: tuple[Charge, ...] = ()
        self._why_not = ""
        self._looked_ns = 0
        self.complete = False
        self.on_complete: Callable[[], None] = lambda: None

    async def look(self) -> int:
        """Book what is new; how many that were. Never raises: it is asked again."""
        if not isinstance(self._broker, Settling):
            self.complete = True
            return 0
        async with self._looking:
            try:
                return await self._looked(self._broker)
            except (BrokerError, StoreError) as error:
                self._why_not = error.user_text
                _log.warning("charges_not_booked", error=str(error))
                return 0

    async def _looked(self, broker: Settling) -> int:
        known = await self._what_is_known()
        told = await broker.charges(self._since_ns(known))
        known = known or await self._begin(told)
        booked = sum([await self._take(charge, known.before) for charge in told])
        await self._note_look(known)
        self._why_not, self._looked_ns = "", self._clock.now_ns()
        self._unclear = tuple(charge for charge in told if _why_unclear(charge))
        self.complete = True
        self.on_complete()
        return booked

    def start(self) -> None:
        """Go on looking in the background."""
        if not isinstance(self._broker, Settling):
            return
        try:
            self._supervisor.serve(self._look_on, name="charges", owner="trading")
        except SupervisorStoppedError:
            _log.info("charges_dropped")

    async def checks(self) -> Sequence[Check]:
        """Whether they could be asked for, and all of them read; nothing of other brokers."""
        if not isinstance(self._broker, Settling):
            return ()
        if self._why_not:
            return (_warning(self._why_not, "Until then the day's result may lack some of them."),)
        if self._unclear:
            step = "Nothing of it is booked. Compare with the broker's own statement."
            return (_warning(_named(self._unclear), step),)
        if not self._looked_ns:
            return (Check(name="charges", state=CheckState.UNKNOWN, found="Not asked for yet."),)
        at = utc(self._looked_ns).astimezone(NEW_YORK)
        found = f"All that the broker told at {at:%H:%M} New York are booked."
        return (Check(name="charges", state=CheckState.OK, found=found),)

    async def _look_on(self) -> None:
        while True:
            await self._clock.sleep(self.AGAIN_S if self._why_not else self.EVERY_S)
            await self.look()

    # what is known

    async def _what_is_known(self) -> KnownCharges | None:
        if self._known is None:
            written = await self._store.newest_record(KIND, self._account_id)
            if written is not None:
                self._known = msgspec.json.decode(written, type=KnownCharges)
        return self._known

    def _since_ns(self, known: KnownCharges | None) -> int:
        now = self._clock.now_ns()
        return min(now, known.looked_ns if known and known.looked_ns else now) - self.BACK_NS

    async def _begin(self, told: Sequence[Charge]) -> KnownCharges:
        """Keep what was there before the first look: the first equity has it already."""
        before = tuple(c.charge_id for c in told if c.charge_id and not c.taken_back)
        return await self._keep(KnownCharges(before, self._clock.now_ns()))

    async def _note_look(self, known: KnownCharges) -> None:
        """Once a day, for the cockpit may be off for long afterwards."""
        now = self._clock.now_ns()
        if session_date(known.looked_ns) != session_date(now):
            await self._keep(KnownCharges(known.before, now))

    async def _keep(self, known: KnownCharges) -> KnownCharges:
        await self._store.record(KIND, self._account_id, self._clock.now_ns(), known)
        self._known = known
        return known

    # booking

    async def _take(self, charge: Charge, before: Sequence[str]) -> bool:
        """Book one, or take it back; False when there is nothing to book any more."""
        name = f"{charge.charge_id}/back" if charge.taken_back else charge.charge_id
        if _why_unclear(charge) or name in self._done:
            return False
        if charge.taken_back:
            fee = await self._fee_counted(charge, before)
        else:
            fee = None if name in before else -charge.amount
        news = fee is not None and await self._book(name, charge, fee)
        self._done.add(name)
        return news

    async def _fee_counted(self, charge: Charge, before: Sequence[str]) -> Decimal | None:
        """What gives back the fee that was booked, or was in the first equity; None for none."""
        if charge.charge_id in before:
            return charge.amount
        name = _entry_id(charge.charge_id)
        for entry in await self._store.ledger(self._account_id):
            if isinstance(entry, Adjustment) and entry.adjustment_id == name:
                return -entry.fee
        return None

    async def _book(self, name: str, charge: Charge, fee: Decimal) -> bool:
        """Store, then publish; also what a failed attempt has stored after all."""
        now, begun = self._clock.now_ns(), self._begun.get(name)
        entry = self._begun[name] = begun or Adjustment(
            adjustment_id=_entry_id(name),
            account_id=self._account_id,
            symbol=f"CASH {charge.currency}",  # with a space: USD alone is the name of a fund
            quantity=Decimal(0),
            average_cost=Decimal(0),
            kind=AdjustmentKind.CHARGE,
            reason=f"Taken back: {charge.text}" if charge.taken_back else charge.text,
            ts_event=now,
            ts_init=now,
            fee=fee,
        )
        news = await self._store.save_adjustment(entry) or begun is not None
        if news:
            self._bus.publish(PositionAdjusted(adjustment=entry, ts_event=now, ts_init=now))
        self._begun.pop(name)
        return news


def _entry_id(name: str) -> str:
    return f"charge/{name}"


def _why_unclear(charge: Charge) -> str:
    usable = charge.charge_id and charge.amount.is_finite()
    return charge.unreadable or ("" if usable else "its id or its amount can't be used")


def _named(unclear: Sequence[Charge]) -> str:
    first = "; ".join(f"{c.text or c.charge_id}: {_why_unclear(c)}" for c in unclear[:_MOST_NAMED])
    more = len(unclear) - _MOST_NAMED
    return f"Can't be read: {first}{f'; and {more} more' if more > 0 else ''}."


def _warning(found: str, step: str) -> Check:
    return Check(name="charges", state=CheckState.WARNING, found=found, next_step=step)
