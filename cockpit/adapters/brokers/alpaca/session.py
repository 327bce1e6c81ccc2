"""The live side of a session: the stream's updates and its lamp, handed over to the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec
import structlog

from cockpit.adapters.brokers.alpaca import reading
from cockpit.adapters.brokers.alpaca.families import Family
from cockpit.adapters.brokers.alpaca.faults import UnreadableError
from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.brokers.alpaca.stream import (
    StreamSettings,
    UpdateStream,
    update_in,
)
from cockpit.adapters.brokers.alpaca.wire import WireOrder, WireUpdate
from cockpit.adapters.brokers.bodies import decoded
from cockpit.adapters.streams import StreamState
from cockpit.domain.account import Mode
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import DomainError
from cockpit.kernel.clock import SECOND, Timer
from cockpit.ports.broker import (
    BrokerError,
    BrokerSink,
    BustReport,
    ExecutionReport,
)
from cockpit.ports.clock import Clock

_log = structlog.get_logger(__name__)
_CLOSE_WITHIN_S = 2.0
_REMEMBERED = 1000
_SKEW_STEP_S = 0.1
_HEALTH = {
    StreamState.UP: Health.UP,
    StreamState.STALE: Health.STALE,
    StreamState.AUTH_FAILED: Health.AUTH_FAILED,
}


class Session:
    """Delivers to the sink in the loop's thread; after `close` nothing more is delivered.

    The lamp goes through another state to UP whenever something may have been missed, which
    makes the core compare the books. `learn` is told of every order heard of, `traded` after
    each execution.
    """

    def __init__(
        self,
        settings: AlpacaSettings,
        keys: Keys,
        *,
        mode: Mode,
        clock: Clock,
        sink: BrokerSink,
        learn: Callable[[WireOrder], Family],
        traded: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._mode = mode
        self._clock = clock
        self._sink: BrokerSink | None = sink
        self._learn = learn
        self._traded = traded
        self._loop = asyncio.get_running_loop()
        self.health = Health.CONNECTING
        self._detail = ""
        self.heard_ns = 0
        self._skew_s: float | None = None
        self._first: asyncio.Future[BrokerError | None] = self._loop.create_future()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._heard: dict[str, None] = {}
        self._expected: dict[str, Timer] = {}
        self._stream = UpdateStream(
            StreamSettings(
                keys=keys,
                url=settings.stream_url(mode),
                connect_timeout_s=settings.connect_timeout_s,
                quiet_s=settings.quiet_s,
                reconnect_max_s=settings.reconnect_max_s,
                ca_file=settings.ca_file,
            ),
            lambda message: self._hand_over(lambda: self._on_message(message)),
            lambda state, why: self._hand_over(lambda: self._on_state(state, why)),
        )
        self._started = False

    async def open(self) -> None:
        """Begin to listen; returns when it does, or when it is clear that it takes longer.

        Raises BrokerError when the stream refuses the keys.
        """
        self._lamp(Health.CONNECTING, "")
        self._started = True
        self._stream.start()
        await asyncio.wait({self._first}, timeout=self._settings.connect_timeout_s)
        refused = self._first.result() if self._first.done() else None
        if refused is not None:
            raise refused

    async def close(self) -> None:
        """End it and say so; waits for the stream's thread, but not long."""
        sink, self._sink = self._sink, None
        for timer in self._expected.values():
            timer.cancel()
        if self._started:
            self._stream.stop()
            await asyncio.wait({self._closed}, timeout=_CLOSE_WITHIN_S)
        if sink is not None and self.health is not Health.AUTH_FAILED:
            sink.on_connection(self._connection(Health.ENDED, ""))

    def failed(self, error: BrokerError) -> None:
        """Show why there is no session."""
        refused = error.code == "AUTH_FAILED"
        self._lamp(Health.AUTH_FAILED if refused else Health.DOWN, error.user_text)

    def expect(self, venue_order_id: str) -> None:
        """The stream must mention this order soon: a socket that is mute looks healthy."""
        if venue_order_id in self._heard or self.health is not Health.UP:
            return
        due = self._clock.now_ns() + round(self._settings.quiet_s * SECOND)
        self._expected[venue_order_id] = self._clock.call_at(
            due, lambda: self._missed(venue_order_id)
        )

    def mention(self, order: WireOrder) -> None:
        """Tell of an order that an answer spoke of, and not the stream.

        One that can't be read must not spoil the answer: then the books are compared.
        """
        if self._sink is None:
            return
        try:
            report = reading.report(order)
        except UnreadableError as error:
            _log.error("leg_not_readable", order=order.client_order_id, error=str(error))
            self._doubt("an exit of an order can't be read")
            return
        self._sink.on_order(report)

    @property
    def ahead_ns(self) -> int:
        """How far the venue's clock is ahead of ours, as far as it was measured; else 0."""
        return round((self._skew_s or 0.0) * SECOND)

    def note_skew(self, seconds: float) -> None:
        """How far the venue's clock is ahead of ours; the gate opens nothing beyond its limit."""
        before, self._skew_s = self._skew_s, seconds
        if self._started and (before is None or abs(seconds - before) >= _SKEW_STEP_S):
            self._lamp(self.health, self._detail)

    def _missed(self, venue_order_id: str) -> None:
        if self._expected.pop(venue_order_id, None) is not None:
            self._stream.doubt("no update of an order came that was taken in")

    def _hand_over(self, action: Callable[[], None]) -> None:
        """From the stream's thread into the loop."""
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(action)

    # what the stream says

    def _on_message(self, message: bytes) -> None:
        if self._sink is None:
            return
        self.heard_ns = self._clock.now_ns()
        try:
            body = update_in(message)
            if body is None:
                return
            wire = decoded(body, WireUpdate)
            heard = reading.heard(wire, self._note(wire.order))
        except (UnreadableError, DomainError, msgspec.DecodeError) as error:
            _log.error("update_set_aside", error=str(error), message=message[:2000])
            self._doubt("an order update could not be read")
            return
        for report in heard.reports:
            self._deliver(self._sink, report)
        if heard.doubt:
            _log.warning("update_in_doubt", why=heard.doubt)
            self._doubt(heard.doubt)

    def _deliver(self, sink: BrokerSink, report: reading.Report) -> None:
        if isinstance(report, ExecutionReport):
            sink.on_execution(report)
            self._traded()
        elif isinstance(report, BustReport):
            sink.on_bust(report)
        else:
            sink.on_order(report)

    def _note(self, order: WireOrder) -> Family:
        family = self._learn(order)
        self._heard[order.id] = None
        if len(self._heard) > _REMEMBERED:
            self._heard.pop(next(iter(self._heard)))
        timer = self._expected.pop(order.id, None)
        if timer is not None:
            timer.cancel()
        return family

    def _doubt(self, why: str) -> None:
        """Have the books compared: what was said can't be used, or not all of it."""
        if self.health is Health.UP:
            self._lamp(Health.STALE, f"{why}; the books are compared")
            self._lamp(Health.UP, "")

    def _on_state(self, state: StreamState, why: str) -> None:
        if state is StreamState.CLOSED:
            if not self._closed.done():
                self._closed.set_result(None)
            return
        if state is StreamState.UP:
            self._lamp(Health.UP, "")
        else:
            self._lamp(_HEALTH.get(state, Health.DOWN), f"{state.value}: {why}")
        if not self._first.done():
            self._first.set_result(_refused(why) if state is StreamState.AUTH_FAILED else None)

    def _lamp(self, health: Health, detail: str) -> None:
        self.health, self._detail = health, detail
        if self._sink is not None:
            self._sink.on_connection(self._connection(health, detail))

    def _connection(self, health: Health, detail: str) -> Connection:
        return Connection(
            name="alpaca",
            kind="broker",
            health=health,
            label=self._mode.value.upper(),
            detail=detail,
            ts_ns=self._clock.now_ns(),
            clock_skew_s=self._skew_s,
        )


def _refused(why: str) -> BrokerError:
    return BrokerError(
        f"stream: {why}",
        user_text=f"Alpaca's stream of order updates does not accept the keys: {why}. Nothing was "
        "sent. Store new keys and start again.",
        code="AUTH_FAILED",
    )
