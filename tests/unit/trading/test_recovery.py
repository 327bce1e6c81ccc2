"""Start, restart, reconnect: ledger and broker must agree before an order goes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.domain.adjustment import AdjustmentKind
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import RecoveryChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import EXTERNAL, Order, OrderState, OrderType, Side
from cockpit.domain.recovery import Difference, RecoveryPhase
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import (
    BrokerError,
    BrokerSink,
    BustReport,
    ExecutionReport,
    OrderReport,
    SubmitUnknownError,
)
from cockpit.trading.errors import TradingError
from tests.support.desk import OPEN_NS, Desk, restarted, trading_desk
from tests.support.fills import fill
from tests.support.set_clock import SetClock

D = Decimal


def elsewhere(desk: Desk, name: str = "theirs", **wish: object) -> Order:
    """An order that somebody made at the venue past the cockpit."""
    intent = desk.intent(type=OrderType.LIMIT, limit="90.00", **wish)  # type: ignore[arg-type]
    order = Order(client_order_id=name, intent=intent)
    desk.broker._venue.submit(order, desk.clock.now_ns())
    return order


async def test_a_restart_knows_orders_fills_and_positions_again(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        bought = await desk.bought(10)
        rests = await desk.do(desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="95.00")))
        await desk.pass_time(1)
        before = desk.room.snapshot()
        async with restarted(desk) as again:
            assert again.room.snapshot() == before
            assert again.recovery.phase is RecoveryPhase.READY
            assert again.now(rests).state is OrderState.WORKING
            assert again.portfolio.position("ABC").quantity == bought.filled
            third = await again.bought(5)
            assert third.client_order_id == "PAPER-1-00003"
            with pytest.raises(TradingError, match="again"):
                await again.do(again.oms.submit(bought.intent))


async def test_recovering_twice_changes_nothing(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        async with restarted(desk) as again:
            state, fills = again.room.snapshot(), await again.store.fills("PAPER-1")
            await again.do(again.recovery.run("once more"))
            assert again.room.snapshot() == state
            assert await again.store.fills("PAPER-1") == fills


async def test_what_was_never_sent_is_denied_and_what_was_being_sent_is_looked_for(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        asked = await desk.do(desk.oms.submit(desk.intent(strategy="robot")))
        assert asked.state is OrderState.PENDING_APPROVAL
        sent = await desk.bought(7)
        before = next(
            o for o in await desk.store.order_history(sent.client_order_id)
            if o.state is OrderState.SENDING
        )  # fmt: skip
        lost = msgspec.structs.replace(before, client_order_id="PAPER-1-00009")
        lost = msgspec.structs.replace(
            lost, intent=msgspec.structs.replace(lost.intent, intent_id="lost")
        )
        await desk.store.save_order(lost)
        async with restarted(desk) as again:
            denied = again.orders.get(asked.client_order_id)
            assert (denied.state, denied.reason_code) == (OrderState.DENIED, "RECOVERY_NOT_SENT")
            unknown = again.orders.get("PAPER-1-00009")
            assert (unknown.state, unknown.reason_code) == (OrderState.UNKNOWN, "RECOVERY_SENDING")
            assert "no answer yet" in again.readiness.why_not("ABC")
            with pytest.raises(TradingError, match="resolved"):
                await again.do(again.settlement.resolve_unknown("PAPER-1-00009"))
            await again.pass_time(61)
            assert again.now(unknown).state is OrderState.UNKNOWN  # not found is no proof
            await again.do(again.settlement.resolve_unknown("PAPER-1-00009"))
            assert again.now(unknown).reason_code == "RESOLVED_ABSENT"
            assert not again.readiness.why_not("ABC")


async def test_a_clock_set_forwards_makes_no_order_old_enough_to_be_called_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading_desk(tmp_path) as desk:

        async def no_answer(*_args: object) -> None:
            raise SubmitUnknownError("no answer", user_text="No answer.")

        monkeypatch.setattr(desk.broker, "submit", no_answer)
        order = await desk.oms.submit(desk.intent())
        await desk.pass_time(2)
        assert desk.now(order).state is OrderState.UNKNOWN
        now = desk.clock.now_ns
        monkeypatch.setattr(desk.clock, "now_ns", lambda: now() + 300 * SECOND)
        with pytest.raises(TradingError, match="can't be resolved"):
            await desk.settlement.resolve_unknown(order.client_order_id)
        monkeypatch.setattr(desk.clock, "now_ns", now)
        await desk.pass_time(60)
        await desk.do(desk.settlement.resolve_unknown(order.client_order_id))
        assert desk.now(order).reason_code == "RESOLVED_ABSENT"


async def test_a_fill_taken_back_that_the_stream_lost_is_looked_for_at_the_next_report(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.quote(99.99, 100.01, size=4)
        order = await desk.do(
            desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="100.01", quantity=10))
        )
        await desk.pass_time(0.5)
        asked: list[None] = []
        desk.broker.open_orders = _counted(desk.broker.open_orders, asked)
        desk.events.on_order(
            OrderReport(
                client_order_id=order.client_order_id,
                venue_order_id="V",
                state=OrderState.PARTIALLY_FILLED,
                filled=D(1),
                ts_event=desk.clock.now_ns(),
            )
        )
        await desk.pass_time(0.7)
        assert asked


def _counted(ask: Callable[[], Awaitable[object]], asked: list[None]) -> Callable[[], object]:
    def counted() -> object:
        asked.append(None)
        return ask()

    return counted


async def test_an_order_that_was_being_sent_and_arrived_is_found_with_its_fill(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        sent = await desk.bought(7)
        history = await desk.store.order_history(sent.client_order_id)
        sending = next(o for o in history if o.state is OrderState.SENDING)
        copy = msgspec.structs.replace(
            sending,
            client_order_id="PAPER-1-00002",
            intent=msgspec.structs.replace(sending.intent, intent_id="second"),
        )
        await desk.store.save_order(copy)
        desk.broker._venue.submit(copy, desk.clock.now_ns())
        async with restarted(desk) as again:
            found = again.orders.get("PAPER-1-00002")
            assert (found.state, found.filled) == (OrderState.FILLED, 7)
            assert again.portfolio.position("ABC").quantity == 14


async def test_fills_made_while_away_are_fetched(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        rests = await desk.do(desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.00")))
        await desk.pass_time(1)

        def market_comes_down(again: Desk) -> None:
            again.quote(98.50, 98.90)

        async with restarted(desk, before=market_comes_down) as again:
            assert again.now(rests).state is OrderState.FILLED
            assert again.portfolio.position("ABC").quantity == 10
            assert again.recovery.compared.fills == 1
            assert not [key for key in again.incidents if key.startswith("missing")]


async def test_an_order_from_elsewhere_is_taken_in_and_counts(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        elsewhere(desk, quantity=20)
        async with restarted(desk) as again:
            theirs = again.orders.get("theirs")
            assert (theirs.intent.strategy, theirs.state) == (EXTERNAL, OrderState.WORKING)
            assert theirs.intent.quantity == 20
            assert theirs in again.orders.open("ABC")
            assert "external.theirs" not in again.incidents  # no alarm: see app/telling/desk_news
            await again.do(again.oms.cancel("theirs"))
            await again.pass_time(1)
            assert again.now(theirs).state is OrderState.CANCELED


async def test_a_sweep_finds_what_was_made_elsewhere_and_what_the_stream_dropped(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        elsewhere(desk)
        await desk.pass_time(31)
        assert desk.orders.get("theirs").state is OrderState.WORKING
        desk.broker._hand_over = lambda _message: None  # the stream is deaf from here
        desk.quote(89.50, 89.90)
        await desk.pass_time(6)
        theirs = desk.orders.get("theirs")
        assert (theirs.state, theirs.filled) == (OrderState.FILLED, 10)
        assert desk.portfolio.position("ABC").quantity == 10


async def test_a_clock_that_is_set_back_keeps_no_position_from_being_compared(
    tmp_path: Path,
) -> None:
    clock = SetClock(OPEN_NS)
    async with trading_desk(tmp_path, clock=clock) as desk:
        await desk.bought(10)
        clock.set_by_s = -3600
        await desk.pass_time(30)
        assert desk.recovery.phase is RecoveryPhase.READY
        money = desk.broker._venue._money
        money.positions["ABC"] = msgspec.structs.replace(money.positions["ABC"], quantity=D(20))
        await desk.pass_time(60)
        assert desk.recovery.phase is RecoveryPhase.BLOCKED


async def test_an_execution_is_booked_once_whatever_its_id(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought(10)
        [fill] = await desk.store.fills("PAPER-1")
        again = ExecutionReport(
            execution_id="another-name", client_order_id=order.client_order_id,
            venue_order_id="V", symbol="ABC", side=Side.BUY, quantity=D(10), price=fill.price,
            fee=D(0), cumulative=D(10), ts_event=fill.ts_event,
        )  # fmt: skip
        desk.events.on_execution(again)
        await desk.pass_time(1)
        assert len(await desk.store.fills("PAPER-1")) == 1


async def test_old_news_change_nothing_and_a_contradiction_freezes(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought(10)
        old = OrderReport(
            client_order_id=order.client_order_id,
            venue_order_id="V",
            state=OrderState.WORKING,
            ts_event=order.created_ns,
        )
        desk.events.on_order(old)
        await desk.pass_time(0.1)
        assert not desk.events.frozen
        new = msgspec.structs.replace(old, state=OrderState.HELD, ts_event=desk.clock.now_ns())
        desk.events.on_order(new)
        await desk.pass_time(0.1)
        assert "ABC" in desk.events.frozen


async def test_a_busted_execution_is_taken_out_by_an_entry_of_its_own(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        order = await desk.bought(10)
        [fill] = await desk.store.fills("PAPER-1")
        desk.events.on_bust(
            BustReport(
                execution_id=fill.execution_id,
                client_order_id=order.client_order_id,
                ts_event=desk.clock.now_ns(),
            )
        )
        await desk.pass_time(0.1)
        assert desk.portfolio.position("ABC").flat
        assert desk.now(order).filled == 0
        assert not await desk.store.fills("PAPER-1")
        assert f"bust.{fill.execution_id}" in desk.incidents
        assert desk.now(order).reason_code == "FILL_BUSTED"


async def test_a_late_execution_is_booked_and_its_order_says_why(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        rests = await desk.do(desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.00")))
        await desk.pass_time(1)
        await desk.do(desk.oms.cancel(rests.client_order_id))
        await desk.pass_time(1)
        late = ExecutionReport(
            execution_id="late-1", client_order_id=rests.client_order_id,
            venue_order_id="V", symbol="ABC", side=Side.BUY, quantity=D(4), price=D(99),
            fee=D(0), cumulative=D(4), ts_event=desk.clock.now_ns(),
        )  # fmt: skip
        desk.events.on_execution(late)
        await desk.pass_time(0.1)
        order = desk.now(rests)
        assert (order.state, order.filled) == (OrderState.CANCELED, 4)
        assert (order.reason_code, order.reason_text) == (
            "FILL_LATE", "4 filled after it was canceled.",
        )  # fmt: skip


async def test_another_position_at_the_broker_blocks_until_a_person_accepts_it(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        venue = desk.broker._venue
        held = venue._money.positions["ABC"]
        venue._money.positions["ABC"] = msgspec.structs.replace(held, quantity=D(20))
        async with restarted(desk) as again:
            assert again.recovery.phase is RecoveryPhase.BLOCKED
            assert "ABC: 10 here, 20 at the broker" in again.recovery.text
            assert again.recovery.differences == (Difference("ABC", D(10), D(20)),)
            stale = Difference("ABC", D(10), D(25))
            with pytest.raises(TradingError, match="another way"):
                await again.do(again.settlement.accept_positions("ABC", stale))
            denied = await again.do(again.oms.submit(again.intent()))
            assert denied.reason_code == "READINESS_NOT_READY"
            await again.do(again.settlement.accept_positions("ABC"))
            again.recovery.request("accepted")
            await again.pass_time(5)
            assert again.recovery.phase is RecoveryPhase.READY
            assert again.portfolio.position("ABC").quantity == 20
            assert again.portfolio.adjusted_last("ABC").kind is AdjustmentKind.ACCEPTED
            assert not again.recovery.differences
            assert not again.orders.open()
            with pytest.raises(TradingError, match="differ"):
                await again.do(again.settlement.accept_positions("ABC"))
            state = again.room.snapshot()
            async with restarted(again) as third:
                assert third.room.snapshot() == state


@pytest.mark.parametrize("instant", [step / 12.5 for step in range(10)])
@pytest.mark.parametrize("told", [True, False])
async def test_a_fill_on_its_way_is_not_booked_on_top_of_an_accepted_position(
    tmp_path: Path, instant: float, told: bool
) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        rests = desk.intent(type=OrderType.LIMIT, limit="95.00", quantity=5)
        await desk.do(desk.oms.submit(rests))
        await desk.pass_time(1)
        desk.broker._venue._money.split("ABC", 2)
        desk.recovery.request("a test")
        await desk.pass_time(6)
        assert desk.recovery.phase is RecoveryPhase.BLOCKED
        accepting = _tried(desk.settlement.accept_positions("ABC"))
        desk.supervisor.work(accepting, name="accept", owner="test")
        await desk.pass_time(instant)
        with pytest.MonkeyPatch.context() as line:
            if not told:
                line.setattr(desk.broker, "_deliver", lambda _messages: None)
            desk.quote(94.9, 95.0)
        await desk.pass_time(20)
        assert desk.recovery.phase is RecoveryPhase.READY
        assert desk.portfolio.position("ABC").quantity == 25


async def _tried(command: Awaitable[None]) -> None:
    with suppress(TradingError):
        await command


async def test_what_is_blocked_stays_so_quietly_while_it_is_tried_again(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        phases: list[RecoveryPhase] = []
        desk.bus.subscribe(RecoveryChanged, lambda event: phases.append(event.phase))
        desk.broker._venue._money.positions.pop("ABC")
        desk.recovery.request("a test")
        await desk.pass_time(60)
        assert phases == [RecoveryPhase.RECOVERING, RecoveryPhase.BLOCKED]
        assert desk.incidents.count("recovery") == 1
        assert desk.recovery.differences == (Difference("ABC", D(10), D(0)),)


async def test_what_was_held_before_the_first_start_is_taken_over(tmp_path: Path) -> None:
    def hold(desk: Desk) -> None:
        order = Order(client_order_id="before", intent=desk.intent(quantity=30))
        desk.quote(99.99, 100.01)
        desk.broker._venue.submit(order, desk.clock.now_ns())
        desk.broker._venue._executions.clear()

    async with trading_desk(tmp_path, before=hold) as desk:
        assert desk.recovery.phase is RecoveryPhase.READY
        position = desk.portfolio.position("ABC")
        assert (position.quantity, position.average_cost) == (30, D("100.01"))
        assert desk.portfolio.day_pnl == pytest.approx(0, abs=0.5)


async def test_what_was_taken_over_is_not_booked_again_at_the_next_start(tmp_path: Path) -> None:
    def hold(desk: Desk) -> None:
        order = Order(client_order_id="before", intent=desk.intent(quantity=30))
        desk.quote(99.99, 100.01)
        desk.broker._venue.submit(order, desk.clock.now_ns())
        done = desk.broker._venue._executions
        done[:] = [msgspec.structs.replace(e, ts_event=1) for e in done]  # years ago

    async with trading_desk(tmp_path, before=hold) as desk:
        assert desk.portfolio.position("ABC").quantity == 30
        async with restarted(desk) as again:
            assert again.recovery.phase is RecoveryPhase.READY
            assert again.portfolio.position("ABC").quantity == 30
            assert not await again.store.fills("PAPER-1")


async def test_a_failed_query_is_never_flat(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)

        def cut_off(again: Desk) -> None:
            async def failing() -> list[object]:
                raise BrokerError("403", user_text="The broker refused the question.")

            again.broker.positions = failing

        async with restarted(desk, before=cut_off) as again:
            assert again.recovery.phase is RecoveryPhase.BLOCKED
            assert "refused the question" in again.recovery.text
            assert again.portfolio.position("ABC").quantity == 10
            del again.broker.positions
            await again.pass_time(10)
            assert again.recovery.phase is RecoveryPhase.READY


async def test_nothing_goes_out_between_a_reconnect_and_two_clean_looks(tmp_path: Path) -> None:
    async with trading_desk(tmp_path, settings=PaperSettings(jitter_fraction=0)) as desk:
        phases: list[RecoveryPhase] = []
        for health in (Health.DOWN, Health.UP):
            lamp = Connection(name="paper", kind="broker", health=health, ts_ns=desk.clock.now_ns())
            desk.events.on_connection(lamp)
            phases.append(desk.recovery.phase)
        assert phases == [RecoveryPhase.READY, RecoveryPhase.RECOVERING]
        denied = await desk.do(desk.oms.submit(desk.intent()))
        assert denied.reason_code == "READINESS_NOT_READY"
        await desk.pass_time(3)
        desk.quote(99.99, 100.01)
        assert desk.recovery.phase is RecoveryPhase.READY
        await desk.bought(10)


async def test_the_day_goes_on_over_a_restart(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(10)
        desk.quote(89.99, 90.01)
        lost, start = desk.portfolio.day_pnl, desk.portfolio.start_equity
        assert lost < -99
        async with restarted(desk) as again:
            again.quote(89.99, 90.01)
            assert again.portfolio.start_equity == start
            assert again.portfolio.day_pnl == pytest.approx(lost)


async def test_an_id_that_the_venue_knows_is_adopted_not_rejected(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        intent = desk.intent(type=OrderType.LIMIT, limit="99.00")
        there = Order(client_order_id="PAPER-1-00001", intent=intent)
        desk.broker._venue.submit(there, desk.clock.now_ns())
        order = await desk.oms.submit(intent)
        await desk.pass_time(2)
        assert desk.now(order).state is OrderState.WORKING
        assert OrderState.UNKNOWN in desk.states(order)
        assert len(await desk.do(desk.broker.open_orders())) == 1


async def test_another_order_under_our_id_halts_trading(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        intent = desk.intent(type=OrderType.LIMIT, limit="99.00")
        theirs = msgspec.structs.replace(intent, quantity=D(500))
        desk.broker._venue.submit(
            Order(client_order_id="PAPER-1-00001", intent=theirs), desk.clock.now_ns()
        )
        order = await desk.oms.submit(intent)
        await desk.pass_time(6)
        assert desk.now(order).state is OrderState.UNKNOWN
        assert desk.switch.state is TradingState.HALTED


async def test_a_machine_that_slept_compares_before_it_trades(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        heard: list[RecoveryPhase] = []
        desk.bus.subscribe(RecoveryChanged, lambda event: heard.append(event.phase))
        desk.clock._now += 8 * 3600 * SECOND  # the process stood still, the world went on
        await desk.pass_time(3)
        assert heard == [RecoveryPhase.RECOVERING, RecoveryPhase.READY]


async def test_a_filled_order_whose_fill_was_busted_before_it_was_told_has_ended(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.broker._hand_over = lambda _message: None
        order = await desk.oms.submit(desk.intent())
        await desk.pass_time(1)
        venue = desk.broker._venue
        taken_back = venue._orders[order.client_order_id]
        assert taken_back.state is OrderState.FILLED
        taken_back.filled = taken_back.paid = D(0)
        venue._executions.clear()
        venue._money.positions.clear()
        await desk.pass_time(6)
        assert (desk.now(order).state, desk.now(order).filled) == (OrderState.FILLED, 0)
        assert not desk.orders.open()


async def test_a_new_day_settles_what_had_no_answer(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        desk.broker._venue.submit = _lost
        order = await desk.oms.submit(desk.intent(type=OrderType.LIMIT, limit="99.00"))
        await desk.pass_time(3600)
        assert desk.now(order).state is OrderState.UNKNOWN
        await desk.pass_time(16 * 3600)
        desk.quote(99.99, 100.01)
        await desk.pass_time(5)
        assert desk.now(order).reason_code == "RECONCILED_ABSENT"
        assert desk.recovery.phase is RecoveryPhase.READY


def _lost(*_args: object) -> object:
    raise SubmitUnknownError("lost on its way", user_text="No answer came.")


async def test_a_session_that_comes_up_while_signing_in_is_no_break(tmp_path: Path) -> None:
    def held_long_ago(desk: Desk) -> None:
        desk.broker._venue._money.book(fill(1, "+40 @ 50", symbol="ABC", account="PAPER-1"))
        connect = desk.broker.connect

        async def connect_slowly(sink: BrokerSink) -> None:
            lamp = Connection(name="paper", kind="broker", health=Health.CONNECTING)
            sink.on_connection(lamp)
            await connect(sink)

        desk.broker.connect = connect_slowly

    async with trading_desk(tmp_path, before=held_long_ago) as desk:
        assert desk.recovery.phase is RecoveryPhase.READY
        assert desk.portfolio.position("ABC").quantity == 40


async def test_a_look_that_breaks_blocks_and_is_tried_again(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        ask = desk.broker.positions

        async def nonsense() -> None:
            raise ValueError("no position")

        desk.broker.positions = nonsense
        desk.recovery.request("a test")
        await desk.pass_time(10)
        assert desk.recovery.phase is RecoveryPhase.BLOCKED
        desk.broker.positions = ask
        await desk.pass_time(20)
        assert desk.recovery.phase is RecoveryPhase.READY


async def test_after_a_fill_was_taken_back_no_execution_stands_twice(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        hidden = _hiding(desk)
        desk.quote(99.99, 100.01, size=4)
        wish = desk.intent(type=OrderType.LIMIT, limit="100.01", quantity=10)
        order = await desk.do(desk.oms.submit(wish))
        await desk.pass_time(0.5)
        with pytest.MonkeyPatch.context() as line:
            line.setattr(desk.broker, "_deliver", lambda _messages: None)
            desk.quote(99.99, 100.01, size=6)
        first, second = desk.broker._venue.executions(0)
        hidden.add(second.execution_id)
        await desk.pass_time(6)
        assert desk.now(order).filled == 10  # six are booked under a made up id
        _take_back(desk, order, hidden, first)
        await desk.pass_time(1)
        hidden.remove(second.execution_id)
        desk.events.on_execution(second)
        await desk.pass_time(0.1)
        assert desk.portfolio.position("ABC").quantity == 6
        await desk.pass_time(3)
        fills = await desk.store.fills("PAPER-1")
        assert [f.execution_id for f in fills] == [second.execution_id]
        assert desk.portfolio.position("ABC").quantity == 6
        state = desk.room.snapshot()
        await desk.do(desk.recovery.run("once more"))
        assert desk.room.snapshot() == state


async def test_an_execution_after_one_was_taken_back_is_booked_by_a_fresh_start_too(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        hidden = _hiding(desk)
        desk.quote(99.99, 100.01, size=4)
        wish = desk.intent(type=OrderType.LIMIT, limit="100.01", quantity=20)
        order = await desk.do(desk.oms.submit(wish))
        await desk.pass_time(0.5)
        desk.quote(99.99, 100.01, size=6)
        await desk.pass_time(0.5)
        first, _ = desk.broker._venue.executions(0)
        _take_back(desk, order, hidden, first)
        await desk.pass_time(1)
        assert desk.now(order).filled == 6

        def trades_on(again: Desk) -> None:
            listed = again.broker.executions

            async def executions(since_ns: int) -> list[ExecutionReport]:
                return [e for e in await listed(since_ns) if e.execution_id not in hidden]

            again.broker.executions = executions
            desk.broker._venue.on_quote(_quote(again), again.clock.now_ns())

        async with restarted(desk, before=trades_on) as again:
            assert again.now(order).filled == 10
            fills = await again.store.fills("PAPER-1")
            assert [(f.quantity, f.cumulative) for f in fills] == [(6, 10), (4, 10)]


async def test_what_was_traded_after_an_unheard_bust_is_booked_and_makes_sense(
    tmp_path: Path,
) -> None:
    async with trading_desk(tmp_path) as desk:
        hidden = _hiding(desk)
        desk.quote(99.99, 100.01, size=4)
        wish = desk.intent(type=OrderType.LIMIT, limit="100.01", quantity=20)
        await desk.do(desk.oms.submit(wish))
        await desk.pass_time(0.5)
        desk.quote(99.99, 100.01, size=6)
        await desk.pass_time(0.5)
        _, second = desk.broker._venue.executions(0)
        with pytest.MonkeyPatch.context() as line:
            line.setattr(desk.broker, "_deliver", lambda _messages: None)
            line.setattr(desk.events, "on_bust", lambda _report: None)
            order = desk.orders.all()[0]
            _take_back(desk, order, hidden, second)
            desk.quote(99.99, 100.01, size=8)
        await desk.pass_time(12)
        third = desk.broker._venue.executions(0)[-1]
        assert third.cumulative == 12  # from four on: two of it are of the one taken back
        assert desk.portfolio.position("ABC").quantity == 12
        assert [f.quantity for f in await desk.store.fills("PAPER-1")] == [4, 8]
        assert desk.switch.state is TradingState.ACTIVE
        assert desk.recovery.phase is RecoveryPhase.READY


def _hiding(desk: Desk) -> set[str]:
    """Executions that the broker's list leaves out."""
    hidden: set[str] = set()
    listed = desk.broker.executions

    async def executions(since_ns: int) -> list[ExecutionReport]:
        return [e for e in await listed(since_ns) if e.execution_id not in hidden]

    desk.broker.executions = executions
    return hidden


def _take_back(desk: Desk, order: Order, hidden: set[str], taken: ExecutionReport) -> None:
    venue = desk.broker._venue
    there = venue._orders[order.client_order_id]
    there.filled -= taken.quantity
    there.paid -= taken.quantity * taken.price
    held = venue._money.positions["ABC"]
    venue._money.positions["ABC"] = msgspec.structs.replace(
        held, quantity=held.quantity - taken.quantity
    )
    hidden.add(taken.execution_id)
    desk.events.on_bust(
        BustReport(
            execution_id=taken.execution_id,
            client_order_id=order.client_order_id,
            ts_event=desk.clock.now_ns(),
        )
    )


def _quote(desk: Desk) -> Quote:
    now = desk.clock.now_ns()
    return Quote(
        symbol="ABC", bid=99.99, ask=100.01, bid_size=4, ask_size=4, ts_event=now, ts_init=now
    )
