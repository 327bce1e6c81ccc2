"""Alpaca under the broker port: REST for what is done and asked, a stream for what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

import structlog

from cockpit.adapters.brokers.alpaca import reading
from cockpit.adapters.brokers.alpaca.checks import AlpacaChecks, signed_out
from cockpit.adapters.brokers.alpaca.faults import (
    ALPACA,
    FAILURES,
    HeldBackError,
    NoAnswerError,
    UnreadableError,
    VenueRefusalError,
    id_was_used,
    of_submit,
)
from cockpit.adapters.brokers.alpaca.history import History
from cockpit.adapters.brokers.alpaca.keys import keys_of
from cockpit.adapters.brokers.alpaca.lines import Lines
from cockpit.adapters.brokers.alpaca.orders import Orders
from cockpit.adapters.brokers.alpaca.records import RESULTS, Records
from cockpit.adapters.brokers.alpaca.session import Session
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.brokers.alpaca.wire import WireOrder
from cockpit.adapters.brokers.alpaca.writing import Body, order_body, replace_body
from cockpit.adapters.brokers.bodies import decoded, ns_of
from cockpit.domain.account import Account, Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.order import Order
from cockpit.domain.venue_terms import Feature
from cockpit.kernel.clock import SECOND
from cockpit.kernel.supervisor import Supervisor, SupervisorStoppedError
from cockpit.ports.broker import (
    CLOCKS_APART_NS,
    Ack,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    BrokerSink,
    Charge,
    DuplicateIdError,
    ExecutionReport,
    GateToken,
    NotSentError,
    OrderRejectedError,
    Redeem,
    TradingHours,
)
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check
from cockpit.ports.vault import Vault

_log = structlog.get_logger(__name__)
_DAY_NS = 86_400 * SECOND
_REFRESH_S = 0.1


class AlpacaBroker:
    """Implements `Broker` for one account, paper or live."""

    name = "alpaca"

    def __init__(
        self,
        settings: AlpacaSettings,
        *,
        clock: Clock,
        redeem: Redeem,
        account_id: str,
        mode: Mode,
        supervisor: Supervisor,
        vault: Vault | None,
        account: str,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._redeem = redeem
        self._account_id = account_id
        self._mode = mode
        self._supervisor = supervisor
        self._vault = vault
        self._account = account
        self._asking: asyncio.Task[None] | None = None
        self._lines: Lines | None = None
        self._session: Session | None = None
        self._tending: asyncio.Task[None] | None = None
        self._orders = Orders(self._at_hand, self._ahead_ns)
        self._history = History(clock)

    async def connect(self, sink: BrokerSink) -> None:
        """Sign in, then listen. A stream that does not come up at once is tried on and on."""
        keys = await keys_of(self._vault, self._account, self._mode)
        lines = self._lines = Lines(self._settings, keys, self._mode, self._clock)
        session = self._session = Session(
            self._settings,
            keys,
            mode=self._mode,
            clock=self._clock,
            sink=sink,
            learn=self._orders.learn,
            traded=lambda: self._refresh(sink),
        )
        try:
            await ALPACA.asked("the account", lines.load(), signing_in=True)
            await self._check_account(lines)
            # Known before the first order: whose an order is goes by when it came in, by our clock.
            await AlpacaChecks(self._settings, self._clock, lines, session).clocks()
            await session.open()
        except BrokerError as error:
            session.failed(error)
            await self.close()
            raise
        if self._settings.keep_warm_s > 0:
            self._tending = self._supervisor.serve(
                lambda: self._keep_warm(lines), name="lines", owner="alpaca"
            )

    async def close(self) -> None:
        """End the session within seconds, whatever hangs; working orders stay at the venue."""
        session, self._session = self._session, None
        lines, self._lines = self._lines, None
        for task in (self._asking, self._tending):
            if task is not None:
                task.cancel()
        self._asking = self._tending = None
        if lines is not None:
            lines.close()
        if session is not None:
            await session.close()

    @property
    def offers(self) -> frozenset[Feature]:
        """All of them."""
        return frozenset(Feature)

    async def submit(self, order: Order, token: GateToken) -> Ack:
        """Send a new order, once."""
        self._redeem(token, order)
        try:
            body = order_body(order)
        except HeldBackError as error:
            raise _not_sent(str(error)) from error
        return await self._send(order, "POST", "/orders", body)

    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        """Replace a working order of which nothing was filled."""
        self._redeem(token, replacement)
        try:
            body = replace_body(order, replacement)
            known = await self._at_hand().order(order.client_order_id)
        except FAILURES as error:
            raise _not_sent(f"the order to replace could not be looked up: {error}") from error
        if known is None or not reading.may_change(known):
            raise OrderRejectedError(
                f"{order.client_order_id} can't be replaced: {known}",
                user_text="The order can't be replaced: it was filled further, or has ended. "
                "Nothing was sent.",
                code="VENUE_REPLACE",
            )
        return await self._send(replacement, "PATCH", f"/orders/{known.id}", body)

    async def cancel(self, order: Order) -> None:
        """Ask for cancellation; the outcome arrives as an event."""
        what = f"the cancel of {order.client_order_id}"
        venue_order_id = order.venue_order_id
        if not venue_order_id:
            asked = self._at_hand().venue_id(order.client_order_id)
            venue_order_id = await ALPACA.asked(what, asked)
        if not venue_order_id:
            raise ALPACA.failed(UnreadableError("the broker does not know the order"), what)
        path = f"/orders/{venue_order_id}"
        await ALPACA.asked(what, self._at_hand().send("DELETE", path, cancel=True))

    async def cancel_all(self) -> None:
        """Ask for cancellation of everything open. Raises BrokerError when some was left out."""
        outcomes = await ALPACA.asked("the bulk cancel", self._at_hand().cancel_all())
        left_out = [o.id for o in outcomes if o.status >= 500]
        if left_out:
            raise ALPACA.failed(
                UnreadableError(f"{len(left_out)} orders were left out"), "the bulk cancel"
            )

    async def account(self) -> Account:
        """Money now."""
        wire = await ALPACA.asked("the account", self._at_hand().account())
        now, mode = self._clock.now_ns(), self._mode
        return ALPACA.read(
            "the account", lambda: reading.account(wire, self._account_id, mode, now)
        )

    async def positions(self) -> Sequence[BrokerPosition]:
        """What is held now."""
        held = await ALPACA.asked("positions", self._at_hand().positions())
        return ALPACA.read("positions", lambda: [reading.position(wire) for wire in held])

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """What is open now, made here or elsewhere; one that can't be read spoils no other."""
        return await self._orders.open()

    async def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """One order, open or ended; None when the venue does not know it."""
        return await self._orders.find(client_order_id)

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded since `since_ns`, oldest first."""
        return await self._orders.executions(since_ns)

    async def charges(self, since_ns: int) -> Sequence[Charge]:
        """Fees, dividends and interest since that day; the fills themselves carry none."""
        told = await ALPACA.asked("charges", self.records.charges(since_ns, RESULTS))
        return [
            Charge(
                charge_id=one.id,
                amount=one.amount,
                text=" ".join(filter(None, (one.kind, one.symbol, one.text, one.day))),
                taken_back=one.taken_back,
                unreadable=one.why,
            )
            for one in told
        ]

    async def instruments(self, symbols: Sequence[str]) -> Sequence[Instrument]:
        """What Alpaca lists, and whether it can be sold short."""
        return await ALPACA.asked("what is listed", self.records.instruments(symbols))

    async def trading_hours(self, first: date, last: date) -> Sequence[TradingHours]:
        """What Alpaca's calendar says."""
        return await ALPACA.asked("its calendar", self.records.calendar(first, last))

    @property
    def records(self) -> Records:
        """What else can be asked. Raises BrokerError."""
        return Records(self._at_hand())

    # the lines

    async def _keep_warm(self, lines: Lines) -> None:
        while True:
            await lines.warm()
            await self._clock.sleep(self._settings.keep_warm_s)

    # money after a trade

    def _refresh(self, sink: BrokerSink) -> None:
        """Ask for the money soon, once for all trades of a moment: the stream never tells it."""
        if self._asking is None:
            with suppress(SupervisorStoppedError):
                work = self._refreshed(sink)
                self._asking = self._supervisor.work(work, name="account", owner="alpaca")

    async def _refreshed(self, sink: BrokerSink) -> None:
        await self._clock.sleep(_REFRESH_S)
        self._asking = None  # a trade from here on is news
        try:
            account = await self.account()
        except BrokerError as error:  # the next comparison of the books asks again
            _log.warning("account_not_refreshed", error=str(error))
        else:
            if self._session is not None:
                sink.on_account(account)

    async def checks(self) -> Sequence[Check]:
        """How the account, the clocks, the requests left, the delay and the stream are."""
        lines, session = self._lines, self._session
        if lines is None or session is None:
            return [signed_out()]
        looks = AlpacaChecks(self._settings, self._clock, lines, session)
        return [
            *await looks.all(),
            self._orders.check(),
            await self._history.check(Records(lines)),
        ]

    # sending

    async def _send(self, order: Order, method: str, path: str, body: Body) -> Ack:
        if self._lines is None:
            raise _not_sent("there is no connection to the broker")
        try:
            wire = decoded(await self._lines.send(method, path, body), WireOrder)
        except HeldBackError as error:
            raise _not_sent(str(error)) from error
        except VenueRefusalError as error:
            if id_was_used(error):
                raise await self._id_used(order) from error
            raise of_submit(error) from error
        except (NoAnswerError, UnreadableError) as error:
            raise of_submit(error) from error
        if wire.client_order_id != order.client_order_id:
            raise of_submit(UnreadableError(f"the answer is about {wire.client_order_id}"))
        return self._acked(wire)

    def _acked(self, wire: WireOrder) -> Ack:
        self._orders.learn(wire)
        if self._session is not None:
            self._session.expect(wire.id)
            for leg in wire.legs or ():
                self._session.mention(leg)
        try:
            ts_event = ns_of(wire.submitted_at)
        except UnreadableError:
            ts_event = self._clock.now_ns()
        return Ack(client_order_id=wire.client_order_id, venue_order_id=wire.id, ts_event=ts_event)

    async def _id_used(self, order: Order) -> OrderRejectedError:
        """The venue has an order of this id: this very one, unless it plainly is another."""
        try:
            wire = await self._at_hand().order(order.client_order_id)
            if wire is not None and not self._may_be(wire, order):
                return OrderRejectedError(
                    f"{order.client_order_id} is the id of another order",
                    user_text="The broker refused the order: its id was used before, for another "
                    "one. Nothing of this one is working.",
                    code="VENUE_ID_OF_ANOTHER",
                )
        except (*FAILURES, BrokerError) as error:
            _log.warning("duplicate_not_looked_up", order=order.client_order_id, error=str(error))
        return DuplicateIdError(
            f"{order.client_order_id} is known there",
            user_text="The broker has an order of this id already; it is looked up.",
        )

    def _may_be(self, wire: WireOrder, order: Order) -> bool:
        found, intent = reading.order(wire, ahead_ns=self._ahead_ns()), order.intent
        older = 0 < found.submitted_ns < order.created_ns - CLOCKS_APART_NS
        return not older and (
            found.symbol,
            found.side,
            found.type,
            found.quantity,
        ) == (intent.symbol, intent.side, intent.type, intent.quantity)

    # asking

    def _ahead_ns(self) -> int:
        return 0 if self._session is None else self._session.ahead_ns

    def _at_hand(self) -> Lines:
        if self._lines is None:
            raise BrokerError(
                "not connected",
                user_text="There is no connection to the broker; nothing was asked or sent.",
                code="BROKER_NOT_CONNECTED",
            )
        return self._lines

    async def _check_account(self, lines: Lines) -> None:
        try:
            wire = await lines.account()
        except VenueRefusalError as error:
            if error.status in (401, 403):
                raise _refused_keys(error.message, self._mode) from error
            raise ALPACA.failed(error, "the account", signing_in=True) from error
        except (NoAnswerError, HeldBackError, UnreadableError) as error:
            raise ALPACA.failed(error, "the account", signing_in=True) from error
        if why := reading.why_no_trading(wire):
            raise BrokerError(
                f"account {wire.account_number}: {why}",
                user_text=f"Alpaca lets this account trade nothing now: {why}. Nothing was sent. "
                "See the account's page at Alpaca.",
                code="BROKER_ACCOUNT",
            )


def _not_sent(why: str) -> NotSentError:
    return NotSentError(why, user_text=f"The order was not sent: {why}.")


def _refused_keys(why: str, mode: Mode) -> BrokerError:
    return BrokerError(
        f"sign-in refused: {why}",
        user_text=f"Alpaca does not accept the keys: {why}. No order was sent. Use the keys that "
        f"Alpaca shows for the {mode.value} account, both of them, or make new ones there.",
        code="AUTH_FAILED",
    )
