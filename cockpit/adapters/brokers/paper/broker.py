"""The paper broker: the simulated venue behind a line with latency, under the broker port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import TypeVar

from cockpit.adapters.brokers.paper.books import Books
from cockpit.adapters.brokers.paper.request import Request
from cockpit.adapters.brokers.paper.session import next_session_end
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.adapters.brokers.paper.venue import Message, Venue
from cockpit.adapters.brokers.paper.wire import Wire
from cockpit.domain.account import Account, Mode
from cockpit.domain.connection import Connection, Health
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradingStatus
from cockpit.domain.order import Order, OrderIntent
from cockpit.domain.values import utc
from cockpit.kernel.clock import MILLISECOND, SECOND, Timer
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    BrokerSink,
    ExecutionReport,
    GateToken,
    OrderRejectedError,
    OrderReport,
    Redeem,
    SubmitUnknownError,
    hold_back_terms,
)
from cockpit.ports.clock import Clock

T = TypeVar("T")
NOTE_TIME_NS = 5 * SECOND  # so far a paper account may forget how late it was
BACKWARDS_NS = 60 * SECOND  # a clock that was set right by more is a mistake
_NOT_CONNECTED = "There is no connection to the broker; nothing was sent."
_LOST = "The broker did not answer. The order may or may not exist there; it is being looked for."


class PaperBroker:
    """Implements `Broker` and `MarketAware`.

    Requests reach the venue after one latency, answers and events come back after another;
    an event never overtakes the answer to the request that caused it. A request is sent
    once it was made: cancelling its caller does not call it back.

    With `books` the account outlives its process: it is read from them at the first `connect`,
    and neither an answer nor an event leaves before they hold what it tells.
    """

    name = "paper"

    def __init__(
        self,
        settings: PaperSettings,
        *,
        clock: Clock,
        redeem: Redeem,
        account_id: str,
        mode: Mode,
        books: Books | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._redeem = redeem
        self._mode = mode
        self._account_id = account_id
        self._kept_ns = 0
        self._venue = Venue(settings, account_id, mode)
        self._chance = Random(f"{settings.seed}-line")  # noqa: S311 - a simulation, to be repeated
        self._books = books
        self._wire = Wire(clock, self._latency_ns, self._behind)
        if books is not None:
            books.on_kept = self._wire.go
        self._opened = books is None
        self._seen_ns = 0
        self._sink: BrokerSink | None = None
        self._session_timer: Timer | None = None

    async def connect(self, sink: BrokerSink) -> None:
        """Sign in and start delivering events. Raises BrokerError for books it can't read."""
        await self._clock.sleep(self._latency_ns() / SECOND)
        if self._books is not None and not self._opened:
            await self._open(self._books)
        self._sink = sink
        self._lamp(sink, Health.UP)
        self._watch_session_end()

    async def close(self) -> None:
        """End the session; events on their way are lost, working orders stay."""
        sink, self._sink = self._sink, None
        self._wire.clear()
        self._stop_session_timer()
        if self._books is not None:
            if self._opened:
                self._books.write((), (), self._now())
            await self._books.close()
        if sink is not None:
            self._lamp(sink, Health.ENDED)

    async def submit(self, order: Order, token: GateToken) -> Ack:
        """Send a new order; raises as the port says."""
        self._redeem(token, order)
        hold_back_terms(order)
        return await self._send(partial(self._venue.submit, order))

    async def replace(self, order: Order, replacement: Order, token: GateToken) -> Ack:
        """Replace a working order; raises as the port says."""
        self._redeem(token, replacement)
        hold_back_terms(replacement)
        return await self._send(partial(self._venue.replace, order, replacement))

    async def cancel(self, order: Order) -> None:
        """Ask for cancellation. Raises BrokerError when the order is not open any more."""
        await self._ask(lambda now: (None, self._venue.cancel(order.client_order_id, now)))

    async def cancel_all(self) -> None:
        """Ask for cancellation of everything open."""
        await self._ask(lambda now: (None, self._venue.cancel_all(now)))

    async def account(self) -> Account:
        """Money at the last mids seen."""
        return await self._ask(lambda now: (self._venue.account(now), ()))

    async def positions(self) -> Sequence[BrokerPosition]:
        """What is held."""
        return await self._ask(lambda _now: (self._venue.positions(), ()))

    async def open_orders(self) -> Sequence[BrokerOrder]:
        """What is open."""
        return await self._ask(lambda now: (self._venue.open_orders(now), ()))

    async def find_order(self, client_order_id: str) -> BrokerOrder | None:
        """Where one order stands, ended or not; None when the venue never took it in."""
        return await self._ask(lambda now: (self._venue.find_order(client_order_id, now), ()))

    async def executions(self, since_ns: int) -> Sequence[ExecutionReport]:
        """What was traded since `since_ns`."""
        return await self._ask(lambda _now: (self._venue.executions(since_ns), ()))

    def on_instrument(self, instrument: Instrument) -> None:
        """Make `instrument` tradable on its grid."""
        self._venue.list_instrument(instrument)

    def on_quote(self, quote: Quote) -> None:
        """Match what rests against `quote`."""
        now = self._now()
        messages = self._venue.on_quote(quote, now)
        if self._opened and self._books is not None:
            self._keep(self._books, now)
        if messages:
            self._deliver(messages)

    def on_status(self, status: TradingStatus) -> None:
        """Halt or resume a symbol."""
        self._venue.on_status(status)

    def fee_of(self, intent: OrderIntent) -> Decimal:
        """The commission of the whole order."""
        return self._venue.fee_of(intent.quantity)

    def end_session(self) -> None:
        """Let DAY orders expire now, e.g. at an early close."""
        self._stop_session_timer()
        messages = self._venue.end_session(self._now())
        if self._opened and self._books is not None:
            self._keep(self._books, self._now())
        self._deliver(messages)

    async def _open(self, books: Books) -> None:
        """Become the account that the books tell of, as it is now."""
        kept = await books.load()
        now = self._clock.now_ns()
        if now < kept.seen_ns - BACKWARDS_NS:
            raise _from_the_future(self._account_id, kept.seen_ns)
        self._venue.restore(kept.starting_cash, kept.orders, kept.executions)
        self._seen_ns = self._kept_ns = kept.seen_ns
        end = self._settings.session_end
        self._venue.expire_overdue(lambda taken: next_session_end(taken, end) <= now)
        self._opened = True
        self._keep(books, self._now())
        await books.kept()

    def _keep(self, books: Books, now_ns: int) -> None:
        """Put what has changed into the books; when nothing did, the time every few seconds."""
        orders, executions = self._venue.take_changes()
        if orders or executions or now_ns - self._kept_ns >= NOTE_TIME_NS:
            self._kept_ns = now_ns
            books.write(orders, executions, now_ns)

    def _behind(self) -> bool:
        return self._books is not None and self._books.behind

    def _now(self) -> int:
        """The venue's time, which never goes back."""
        self._seen_ns = max(self._seen_ns, self._clock.now_ns())
        return self._seen_ns

    async def _send(self, act: Callable[[int], tuple[Ack, Sequence[Message]]]) -> Ack:
        """A request whose answer may get lost."""
        if self._sink is None:  # nothing was sent, so this refusal is definitive
            raise OrderRejectedError(
                "not connected", user_text=_NOT_CONNECTED, code="BROKER_NOT_CONNECTED"
            )
        rate = self._settings.lost_answer_rate
        lost = rate > 0 and self._chance.random() < rate
        extra = round(self._settings.lost_answer_after_s * SECOND) if lost else 0
        ack = await self._exchange(act, extra, SubmitUnknownError)
        if lost:
            raise SubmitUnknownError("no answer", user_text=_LOST)
        return ack

    async def _ask(self, act: Callable[[int], tuple[T, Sequence[Message]]]) -> T:
        if self._sink is None:
            raise BrokerError(
                "not connected", user_text=_NOT_CONNECTED, code="BROKER_NOT_CONNECTED"
            )
        return await self._exchange(act, 0, BrokerError)

    async def _exchange(
        self,
        act: Callable[[int], tuple[T, Sequence[Message]]],
        extra_ns: int,
        when_cut_off: type[BrokerError],
    ) -> T:
        """There and back: the venue acts on arrival, the answer comes before its events."""
        request = Request(partial(self._act, act), self._wire, self._deliver, extra_ns)
        latency = self._latency_ns()
        arrival = self._clock.elapsed_ns() + latency
        on_arrival = partial(request.on_arrival, self._now)
        self._clock.call_at(self._clock.now_ns() + latency, on_arrival)
        session = self._sink
        try:
            await self._sleep_until(arrival)
            await self._sleep_until(request.arrive(self._now()))
            await self._kept(when_cut_off)
        finally:
            request.close()
        if self._sink is not session:
            raise when_cut_off("the connection ended before the answer", user_text=_LOST)
        return request.result()

    def _act(
        self, act: Callable[[int], tuple[T, Sequence[Message]]], now_ns: int
    ) -> tuple[T, Sequence[Message]]:
        try:
            return act(now_ns)
        finally:
            if self._books is not None:
                self._keep(self._books, now_ns)

    async def _kept(self, when_not: type[BrokerError]) -> None:
        """Wait until the books hold what the answer tells; without that there is no answer."""
        if self._books is None:
            return
        try:
            await self._books.kept()
        except BrokerError as error:
            raise when_not(str(error), user_text=error.user_text) from error

    async def _sleep_until(self, when_ns: int) -> None:
        await self._clock.sleep(max(0, when_ns - self._clock.elapsed_ns()) / SECOND)

    def _deliver(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._wire.send(partial(self._hand_over, message))
        self._watch_session_end()

    def _hand_over(self, message: Message) -> None:
        if self._sink is None:
            return
        if isinstance(message, OrderReport):
            self._sink.on_order(message)
        elif isinstance(message, ExecutionReport):
            self._sink.on_execution(message)
        else:
            self._sink.on_account(message)

    def _lamp(self, sink: BrokerSink, health: Health) -> None:
        label = "SIMULATED" if self._mode.simulated else "PAPER"
        now = self._clock.now_ns()
        sink.on_connection(
            Connection(name=self.name, kind="broker", health=health, label=label, ts_ns=now)
        )

    def _watch_session_end(self) -> None:
        if self._session_timer is None and self._sink is not None and self._venue.has_day_orders:
            due = next_session_end(self._clock.now_ns(), self._settings.session_end)
            self._session_timer = self._clock.call_at(due, self._session_ended)

    def _session_ended(self) -> None:
        self._session_timer = None
        self.end_session()

    def _stop_session_timer(self) -> None:
        if self._session_timer is not None:
            self._session_timer.cancel()
            self._session_timer = None

    def _latency_ns(self) -> int:
        jitter = self._settings.jitter_fraction * self._chance.uniform(-1, 1)
        return round(self._settings.latency_ms * (1 + jitter) * MILLISECOND)


def _from_the_future(account_id: str, seen_ns: int) -> BrokerError:
    return BrokerError(
        f"{account_id} has seen {seen_ns}",
        user_text=f"The paper account {account_id} was last used at {utc(seen_ns):%Y-%m-%d %H:%M} "
        "UTC, and it is earlier than that now. Nothing was changed. Set the clock right, or begin "
        "a new account with: cockpit run --new-paper-account",
        code="PAPER_TIME",
    )
