"""The real desk, driven step by step from plain code, with everything that crosses it noted."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from structlog.testing import capture_logs

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.audit_file import read_audit, verify_audit
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Connection, Health
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits, TradingState, Verdict
from cockpit.domain.market import TradingStatus
from cockpit.domain.order import FLATTEN, Order, OrderIntent
from cockpit.kernel.supervisor import SupervisorStoppedError
from cockpit.ports.broker import GateToken, OrderRejectedError
from cockpit.ports.store import Aside, Store, StoreError
from cockpit.risk.controls import SIZE_AND_LOSS
from cockpit.risk.view import RiskView
from tests.support.desk import Desk, restarted, trading_desk

T = TypeVar("T")
ACCOUNT = "PAPER-1"
SYMBOLS = ("ABC", "XYZ")
FILE = "cockpit.sqlite3"
THEIRS = "theirs-"


class NotingStore:
    """The real store; notes what became durable, and refuses all writes while `full`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.full = False
        self.versions: dict[str, list[Order]] = {}
        self.stored: list[Fill] = []
        self.passed: set[tuple[str, str]] = set()
        self.beside: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._store, name)
        if name == "keep_aside":
            return self._aside
        if not name.startswith(("save_", "record")):
            return inner

        async def write(*arguments: Any) -> Any:
            if self.full:
                raise StoreError("disk full", user_text="The disk is full.")
            answer = await inner(*arguments)
            self._note(name, arguments, answer)
            return answer

        return write

    def _note(self, name: str, arguments: tuple[Any, ...], answer: Any) -> None:
        for value in arguments:
            if isinstance(value, Order):
                self.versions.setdefault(value.client_order_id, []).append(value)
        if name == "save_fill" and answer:
            self.stored.append(arguments[0])
        if name == "record" and arguments[0] == "gate":
            self._judged(arguments[3])

    async def _aside(self, facts: Sequence[Aside]) -> None:
        """What is closed while the disk is full is told beside the ledger."""
        await self._store.keep_aside(facts)
        for fact in facts:
            if isinstance(fact.payload, Order):
                self.beside.add(fact.payload.client_order_id)
                self.versions.setdefault(fact.payload.client_order_id, []).append(fact.payload)
            elif fact.kind == "gate":
                self._judged(fact.payload)

    def _judged(self, told: Mapping[str, Any]) -> None:
        if told["passed"] and told["releasing"]:
            self.passed.add((told["client_order_id"], told["fingerprint"]))


class WatchedDesk:
    """Owns a loop and a desk on it. What goes wrong inside a task is kept in `faults`."""

    def __init__(self, settings: PaperSettings, limits: Limits, autonomy: Autonomy) -> None:
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(lambda _loop, context: self._note(context))
        self.faults: list[str] = []
        self.sent: dict[str, Order] = {}
        self._ends = ExitStack()
        self._ends.enter_context(capture_logs())  # what goes wrong on purpose is no news
        self._folder = Path(self._ends.enter_context(tempfile.TemporaryDirectory()))
        self._numbers = 0
        self._desks = AsyncExitStack()
        self.store: NotingStore
        self.booked_before: list[Fill] = []
        self.desk: Desk = self.run(self._open(settings, limits, autonomy))

    async def _open(self, settings: PaperSettings, limits: Limits, autonomy: Autonomy) -> Desk:
        self.store = NotingStore(await open_store(self._folder / FILE))
        opening = trading_desk(
            self._folder,
            settings=settings,
            limits=limits,
            autonomy=autonomy,
            store=self.store,  # type: ignore[arg-type]
            before=self._prepare,
        )
        return await self._desks.enter_async_context(opening)

    def _prepare(self, desk: Desk) -> None:
        """Before the desk starts, so that nothing it does is missed."""
        for symbol in SYMBOLS:
            desk.book.add(Instrument(symbol=symbol))
            desk.broker.on_instrument(Instrument(symbol=symbol))
        self._watch_the_wire(desk)
        self._watch_the_gate(desk)

    def restart(self) -> None:
        """The program dies in the middle of whatever it does, and is started again."""

        async def anew() -> Desk:
            self.desk.protector.close()
            self.desk.sweeper.stop()
            reopening = restarted(self.desk, before=self._prepare)
            desk = await self._desks.enter_async_context(reopening)
            await desk.switch.take_over()
            return desk

        self.booked_before = list(self.store.stored)
        self.desk = self.run(anew())

    def _note(self, context: dict[str, Any]) -> None:
        """A timer of a desk that was stopped may find nobody to do its work."""
        if not isinstance(context.get("exception"), SupervisorStoppedError):
            self.faults.append(str(context))

    def run(self, body: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(body)

    def start(self, command: Callable[[], Awaitable[object]]) -> None:
        """Begin a command as the window does: supervised, its refusal told and forgotten."""
        self._numbers += 1

        async def body() -> None:
            try:
                await command()
            except CockpitError:
                return

        async def begin() -> None:
            self.desk.supervisor.work(body(), name=f"c{self._numbers}", owner="test")

        self.run(begin())

    def settle(self) -> None:
        """Let all work run until it waits for time to pass."""
        self.run(self.desk.clock.settled())

    def wait(self, seconds: float) -> None:
        self.run(self.desk.pass_time(seconds))

    def quote(self, symbol: str, bid: float, ask: float, size: int) -> None:
        async def tell() -> None:
            self.desk.quote(bid, ask, size=size, symbol=symbol)

        self.run(tell())

    def halt_symbol(self, symbol: str, halted: bool) -> None:
        async def tell() -> None:
            now = self.desk.clock.now_ns()
            status = TradingStatus(
                symbol=symbol, halted=halted, reason="LULD", ts_event=now, ts_init=now
            )
            self.desk.book.on_status(status)
            self.desk.bus.publish(status)

        self.run(tell())

    def tighten(self, state: TradingState) -> None:
        async def tell() -> None:
            self.desk.switch.tighten(state, "machine")

        self.run(tell())

    def trouble(self, kind: str, symbol: str, *, flatten: bool = False) -> None:
        """One thing that stops or hinders trading; `calm` ends them all."""
        desk = self.desk
        if kind == "kill switch":
            self.start(lambda: desk.kill_switch.fire("machine", flatten=flatten))
        elif kind == "cancel all":
            self.start(desk.kill_switch.cancel_all)
        elif kind == "at the broker":
            self.start(desk.broker.cancel_all)
        elif kind == "reduce":
            self.tighten(TradingState.REDUCING)
        elif kind == "halt":
            self.tighten(TradingState.HALTED)
        elif kind == "venue halt":
            self.halt_symbol(symbol, halted=True)
        elif kind == "full disk":
            self.store.full = True
        else:
            self.lamp(Health.DOWN)
        self.settle()

    def heal(self) -> None:
        """Take the faults away; trading goes on only with a resume."""
        self.store.full = False
        self.lamp(Health.UP)
        for symbol in SYMBOLS:
            self.halt_symbol(symbol, halted=False)

    def calm(self) -> None:
        """No faults, and a person who resumes."""
        self.heal()
        self.start(lambda: self.desk.switch.resume("machine"))
        self.settle()

    def from_elsewhere(self, intent: OrderIntent, *, told: bool) -> None:
        """An order that did not come from here; unless `told`, only the broker's books show it."""
        order = Order(client_order_id=intent.intent_id, intent=intent)

        async def arrive() -> None:
            broker = self.desk.broker
            with suppress(OrderRejectedError):
                _, messages = broker._venue.submit(order, self.desk.clock.now_ns())
                broker._deliver(messages if told else ())

        self.run(arrive())

    def lose_what_is_under_way(self) -> None:
        """The stream drops what it was about to tell, and says nothing of it."""
        self.desk.broker._wire.clear()

    def lamp(self, health: Health) -> None:
        async def tell() -> None:
            lamp = Connection(name="test", kind="feed", health=health)
            self.desk.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))

        self.run(tell())

    def end(self, come_to_rest: Callable[[], None]) -> None:
        """Come to rest and close; what has failed already is only closed."""
        failed = sys.exc_info()[0] is not None
        try:
            if not failed:
                come_to_rest()
        except BaseException:
            failed = True
            raise
        finally:
            self.close(quiet=failed)

    def close(self, *, quiet: bool) -> None:
        """End everything and let nothing behind; `quiet` when a step has failed already."""
        try:
            self.run(self._desks.aclose())
            left = [task.get_name() for task in asyncio.all_tasks(self.loop)]
            assert quiet or not left, left
            if not quiet:
                self._check_the_audit_log()
        finally:
            self.loop.close()
            self._ends.close()

    def _check_the_audit_log(self) -> None:
        path = self._folder / FILE
        report = verify_audit(path)
        assert report is not None
        assert not report.fault, report
        passed, sent = set[str](), set[str]()
        for row in read_audit(path, ACCOUNT):
            if row.kind == "gate":
                told = msgspec.json.decode(row.payload)
                if told["passed"] and told["releasing"]:
                    passed.add(told["client_order_id"])
            elif row.kind == "order":
                told = msgspec.json.decode(row.payload)
                if told["state"] == "sending":
                    assert told["client_order_id"] in passed, told
                    sent.add(told["client_order_id"])
        assert set(self.sent) <= sent

    def _watch_the_wire(self, desk: Desk) -> None:
        """Each order in the instant it leaves: its token was just redeemed."""
        redeem = desk.broker._redeem

        def leaving(token: GateToken, order: Order) -> None:
            redeem(token, order)
            self._judge(desk, order)

        desk.broker._redeem = leaving

    def _judge(self, desk: Desk, order: Order) -> None:
        order_id, intent = order.client_order_id, order.intent
        wishes = {sent.intent.intent_id for sent in self.sent.values()}
        self._expect(order_id not in self.sent, f"{order_id} was sent again")
        self._expect(intent.intent_id not in wishes, f"{intent.intent_id} was sent again")
        self.sent[order_id] = order
        known = (order_id, order.fingerprint) in self.store.passed
        self._expect(known, f"{order_id} left without a gate record")
        durable = self.store.versions[order_id][-1]
        self._expect(durable.state == "sending", f"{order_id} left as {durable.state}")
        state, held = desk.switch.state, self._held(desk, order)
        closes = held * intent.side.sign < 0 and intent.quantity <= abs(held)
        if state is TradingState.HALTED:
            self._expect(intent.strategy == FLATTEN and closes, f"{order_id} left while halted")
        if state is TradingState.REDUCING:
            self._expect(closes, f"{order_id} opened while reducing")

    def _held(self, desk: Desk, order: Order) -> Decimal:
        """The position as it is booked; what closes beside a full ledger goes by the venue's."""
        if order.client_order_id not in self.store.beside:
            return desk.portfolio.position(order.symbol).quantity
        done = [x for x in desk.broker._venue._executions if x.symbol == order.symbol]
        return sum((x.quantity * x.side.sign for x in done), Decimal(0))

    def _watch_the_gate(self, desk: Desk) -> None:
        """Size and loss controls have no say about what can only close."""
        gate = desk.oms._gate
        evaluate = gate.evaluate
        skipped = {control.__name__ for control in SIZE_AND_LOSS}
        names = {"order volume", "order value", "buying power", "position", "gross exposure"}
        names |= {"orders", "message rate", "automation", "day loss"} | skipped

        def watched(view: RiskView) -> Verdict:
            verdict = evaluate(view)
            told = {result.control for result in verdict.results} & names
            if only_closes(view.order, view.position, view.open_orders):
                self._expect(not told, f"{told} judged {view.order.client_order_id}")
            return verdict

        gate.evaluate = watched

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.faults.append(what)


def only_closes(order: Order, held: Decimal, others: Any) -> bool:
    """Whatever of it and of the others on its side fills, the position never turns over."""
    side = order.intent.side
    together = order.remaining + sum(
        other.remaining
        for other in others
        if other.symbol == order.symbol and other.intent.side is side
    )
    return held * side.sign < 0 and together <= abs(held)
