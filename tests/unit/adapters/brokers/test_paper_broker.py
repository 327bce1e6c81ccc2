import asyncio
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from cockpit.adapters.brokers.paper import PaperSettings, build, plugin
from cockpit.domain.account import Account, Mode
from cockpit.domain.connection import Connection, Health
from cockpit.domain.order import Side, TimeInForce
from cockpit.domain.values import to_ns
from cockpit.kernel.clock import MILLISECOND, SECOND, VirtualClock, WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    ExecutionReport,
    MarketAware,
    OrderRejectedError,
    OrderReport,
    SubmitUnknownError,
    TokenRefusedError,
)
from tests.unit.adapters.brokers.paper_kit import (
    ACCOUNT,
    START,
    TOKEN,
    Desk,
    order,
    quote,
    status,
)

EXACT = {"jitter_fraction": 0}


@pytest.fixture
async def desk() -> Desk:
    return await Desk(**EXACT).connected()


async def test_order_goes_there_and_back_in_causal_order(desk: Desk) -> None:
    desk.quote(ask_size=60)
    ack = await desk.submit(order("a"), 0.2)
    assert ack == Ack(
        client_order_id="a", venue_order_id=f"{ACCOUNT}-V1",
        ts_event=START + 1040 * MILLISECOND,
    )  # fmt: skip
    kinds = [what if isinstance(what, str) else type(what) for _, what in desk.sink.heard]
    assert kinds == ["a", OrderReport, ExecutionReport, OrderReport, Account]
    assert desk.sink.states("a") == ["working", "partially_filled"]
    when = [(at - START) / MILLISECOND - 1000 for at, _ in desk.sink.heard]
    assert when == pytest.approx([80, 80, 80, 80, 80], abs=0.001)


async def test_fill_comes_from_the_quote_in_force_on_arrival(desk: Desk) -> None:
    desk.quote(ask=10.02)
    desk.start("a", desk.broker.submit(order("a"), TOKEN))
    await desk.pass_time(0.039)
    desk.quote(ask=10.07)
    await desk.pass_time(1)
    assert [e.price for e in desk.sink.executions] == [Decimal("10.07")]
    assert desk.sink.executions[0].ts_event == START + 1040 * MILLISECOND


async def test_quote_too_old_on_arrival_waits_for_the_next(desk: Desk) -> None:
    desk.quote()
    await desk.pass_time(1.97)
    await desk.submit(order("a"))
    assert desk.sink.executions == []
    desk.quote(ask=10.5)
    await desk.pass_time(1)
    assert [e.price for e in desk.sink.executions] == [Decimal("10.5")]


async def test_halted_symbol_fills_after_it_resumes(desk: Desk) -> None:
    desk.quote()
    desk.broker.on_status(status(halted=True))
    await desk.submit(order("a"))
    assert desk.sink.states("a") == ["working"]
    desk.broker.on_status(status(halted=False))
    desk.quote()
    await desk.pass_time(1)
    assert desk.sink.states("a") == ["working", "filled"]


async def test_refused_token_stops_everything(desk: Desk) -> None:
    desk.quote()
    desk.refuse = True
    assert isinstance(await desk.submit(order("a")), TokenRefusedError)
    replaced = await desk.run("b", desk.broker.replace(order("x"), order("b"), TOKEN))
    assert isinstance(replaced, TokenRefusedError)
    desk.refuse = False
    assert await desk.run("q", desk.broker.open_orders()) == []
    assert await desk.run("e", desk.broker.executions(0)) == []


async def test_rejection_is_raised_and_sends_no_event(desk: Desk) -> None:
    desk.quote()
    error = await desk.submit(order("a", quantity=10**6))
    assert isinstance(error, OrderRejectedError)
    assert error.code == "VENUE_BUYING_POWER"
    assert [what for _, what in desk.sink.heard] == ["a"]


async def test_cancel_arrives_as_an_event(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a", limit="9"))
    assert await desk.run("cancel", desk.broker.cancel(order("a"))) is None
    assert desk.sink.states("a") == ["working", "canceled"]


async def test_cancel_that_comes_too_late_raises(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a"))
    for name in ("a", "nobody"):
        error = await desk.run(f"cancel-{name}", desk.broker.cancel(order(name)))
        assert isinstance(error, BrokerError)
        assert error.code == "VENUE_NOT_OPEN"
    assert desk.sink.states("a") == ["working", "filled"]


async def test_fill_may_win_the_race_against_a_cancel(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a", limit="10.00", quantity=100))
    desk.start("cancel", desk.broker.cancel(order("a")))
    await desk.pass_time(0.02)
    desk.quote(9.98, 9.99, ask_size=40)
    await desk.pass_time(1)
    assert desk.sink.states("a") == ["working", "partially_filled", "canceled"]
    assert [e.quantity for e in desk.sink.executions] == [40]


async def test_cancel_all_ends_everything_open(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a", limit="9"))
    await desk.submit(order("b", stop="11", tif=TimeInForce.GTC))
    await desk.run("all", desk.broker.cancel_all())
    assert desk.sink.states("a") == desk.sink.states("b") == ["working", "canceled"]
    assert await desk.run("again", desk.broker.cancel_all()) is None


async def test_replace_ends_the_old_and_works_the_new(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a", limit="9"))
    desk.sink.heard.clear()
    ack = await desk.run("b", desk.broker.replace(order("a"), order("b", limit="9.5"), TOKEN))
    assert ack.client_order_id == "b"
    reports = [(r.client_order_id, r.state.value) for r in desk.sink.of(OrderReport)]
    assert reports == [("a", "replaced"), ("b", "working")]
    assert desk.redeemed == ["a", "b"]


async def test_refused_replacement_leaves_the_old_working(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a", limit="9"))
    error = await desk.run("b", desk.broker.replace(order("a"), order("b", limit="9.005"), TOKEN))
    assert isinstance(error, OrderRejectedError)
    open_orders = await desk.run("q", desk.broker.open_orders())
    assert [(r.client_order_id, r.report.state.value) for r in open_orders] == [("a", "working")]


async def test_day_orders_expire_when_new_york_closes(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("day", limit="9"))
    await desk.submit(order("good", limit="9", tif=TimeInForce.GTC))
    await desk.clock.run_until(START + 6 * 3600 * SECOND + 29 * 60 * SECOND)
    assert desk.sink.states("day") == ["working"]
    await desk.pass_time(61)
    assert desk.sink.states("day") == ["working", "expired"]
    assert desk.sink.states("good") == ["working"]
    expired = [r for r in desk.sink.of(OrderReport) if r.state.value == "expired"]
    assert expired[0].ts_event == START + 6 * 3600 * SECOND + 30 * 60 * SECOND


async def test_early_close_can_be_told(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("day", limit="9"))
    desk.broker.end_session()
    await desk.pass_time(1)
    assert desk.sink.states("day") == ["working", "expired"]
    assert desk.clock.next_timer_ns() is None


async def test_queries_tell_what_the_events_told(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a"))
    await desk.submit(order("b", limit="9"))
    account = await desk.run("account", desk.broker.account())
    assert account.cash == 100_000 - 100 * Decimal("10.02") - 1
    assert desk.sink.of(Account)[-1].cash == account.cash
    positions = await desk.run("positions", desk.broker.positions())
    assert [(p.symbol, p.quantity, p.average_cost) for p in positions] == [
        ("XXX", 100, Decimal("10.02"))
    ]
    executions = await desk.run("executions", desk.broker.executions(START))
    assert list(executions) == desk.sink.executions
    assert await desk.run("later", desk.broker.executions(executions[0].ts_event + 1)) == []
    found = await desk.run("found", desk.broker.find_order("a"))
    assert found.report.state.value == "filled"
    assert await desk.run("missing", desk.broker.find_order("nobody")) is None


async def test_lost_answer_leaves_a_working_order(desk: Desk) -> None:
    unlucky = await Desk(lost_answer_rate=1, lost_answer_after_s=3, **EXACT).connected()
    unlucky.quote()
    assert isinstance(await unlucky.submit(order("a"), 5), SubmitUnknownError)
    kinds = [what if isinstance(what, str) else type(what) for _, what in unlucky.sink.heard]
    assert kinds == ["a", OrderReport, ExecutionReport, OrderReport, Account]
    assert unlucky.sink.heard[0][0] >= START + 4 * SECOND


@pytest.mark.parametrize("after_s", [0.01, 0.06])
async def test_cancelled_caller_does_not_call_the_order_back(desk: Desk, after_s: float) -> None:
    desk.quote()
    task = desk.start("a", desk.broker.submit(order("a"), TOKEN))
    await desk.pass_time(after_s)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await desk.pass_time(1)
    assert desk.sink.states("a") == ["working", "filled"]
    await desk.submit(order("b", limit="9"))
    assert desk.sink.states("b") == ["working"]


async def test_nothing_goes_out_before_connecting() -> None:
    desk = Desk(**EXACT)
    error = await desk.submit(order("a"))
    assert isinstance(error, OrderRejectedError)
    assert error.code == "BROKER_NOT_CONNECTED"
    assert isinstance(await desk.run("q", desk.broker.account()), BrokerError)


async def test_lamp_says_what_the_data_is(desk: Desk) -> None:
    await desk.run("close", desk.broker.close())
    await desk.run("again", desk.broker.connect(desk.sink))
    lamps = desk.sink.of(Connection)
    assert [(lamp.health, lamp.label) for lamp in lamps] == [
        (Health.ENDED, "SIMULATED"), (Health.UP, "SIMULATED"),
    ]  # fmt: skip


async def test_closing_cuts_off_what_is_on_its_way(desk: Desk) -> None:
    desk.quote()
    desk.start("a", desk.broker.submit(order("a"), TOKEN))
    desk.start("q", desk.broker.account())
    await desk.pass_time(0.05)
    await desk.broker.close()
    await desk.pass_time(1)
    assert isinstance(desk.results["a"], SubmitUnknownError)
    assert isinstance(desk.results["q"], BrokerError)
    assert not isinstance(desk.results["q"], SubmitUnknownError)
    assert desk.sink.executions == []
    await desk.run("again", desk.broker.connect(desk.sink))
    assert len(await desk.run("e", desk.broker.executions(0))) == 1


async def test_working_orders_survive_a_reconnect(desk: Desk) -> None:
    desk.quote()
    await desk.submit(order("a", limit="9"))
    await desk.broker.close()
    assert desk.clock.next_timer_ns() is None
    await desk.run("again", desk.broker.connect(desk.sink))
    desk.broker.end_session()
    await desk.pass_time(1)
    assert desk.sink.states("a") == ["working", "expired"]


async def test_sink_that_raises_loses_no_later_event(
    desk: Desk, loop_reports: list[dict[str, Any]]
) -> None:
    desk.quote()
    heard = desk.sink.on_order
    broken = iter([True])

    def once(report: OrderReport) -> None:
        if next(broken, False):
            raise RuntimeError("a broken sink")
        heard(report)

    desk.sink.on_order = once  # type: ignore[method-assign]
    desk.start("a", desk.broker.submit(order("a"), TOKEN))
    await desk.pass_time(1)
    assert desk.sink.states("a") == ["filled"]
    assert [str(report["exception"]) for report in loop_reports] == ["a broken sink"]
    loop_reports.clear()


async def run_day(seed: int) -> list[tuple[int, object]]:
    desk = await Desk(seed=seed, reject_rate=0.1, jitter_fraction=0.5).connected()
    for n in range(40):
        desk.quote(10 + n % 7 / 100, 10.02 + n % 7 / 100, ask_size=50 + n)
        side = Side.SELL if n % 3 == 0 else Side.BUY
        desk.start(f"o{n}", desk.broker.submit(order(f"o{n}", side, 80, limit="10.04"), TOKEN))
        await desk.pass_time(0.013 * (n % 5))
    await desk.pass_time(5)
    return desk.sink.heard


async def test_same_seed_same_day_to_the_nanosecond() -> None:
    first, second, other = await run_day(1), await run_day(1), await run_day(2)
    assert first == second != other


async def test_events_keep_their_order_under_jitter() -> None:
    heard = await run_day(3)
    assert all(a <= b for (a, _), (b, _) in pairwise(heard))
    numbers = [
        int(e.execution_id.split("-E")[1]) for _, e in heard if isinstance(e, ExecutionReport)
    ]
    assert numbers == list(range(1, len(numbers) + 1))
    answered = {what: place for place, (_, what) in enumerate(heard) if isinstance(what, str)}
    for place, (_, what) in enumerate(heard):
        if isinstance(what, (OrderReport, ExecutionReport)):
            assert place > answered[what.client_order_id]


async def test_runs_on_the_wall_clock_too() -> None:
    clock = WallClock()
    broker = build(
        PaperSettings(latency_ms=1), clock=clock, redeem=lambda *_: None,
        account_id=ACCOUNT, mode=Mode.PAPER, supervisor=Supervisor(clock),
    )  # fmt: skip
    desk = Desk()
    await broker.connect(desk.sink)
    broker.on_quote(quote(at=clock.now_ns()))
    filled = asyncio.Event()
    desk.sink.on_account = lambda _account: filled.set()  # type: ignore[method-assign]
    ack = await broker.submit(order("a"), TOKEN)
    assert desk.sink.of(OrderReport) == []
    await asyncio.wait_for(filled.wait(), 5)
    assert ack.venue_order_id == f"{ACCOUNT}-V1"
    assert desk.sink.states("a") == ["working", "filled"]
    await broker.close()


def test_plugin_builds_a_market_aware_broker() -> None:
    clock = VirtualClock(START)
    made = plugin.build(
        plugin.settings(), clock=clock, redeem=lambda *_: None, account_id=ACCOUNT,
        mode=Mode.DEMO, supervisor=Supervisor(clock),
    )  # fmt: skip
    assert (plugin.name, made.name) == ("paper", "paper")
    assert isinstance(made, MarketAware)


def test_paper_never_touches_a_live_account() -> None:
    clock = VirtualClock(START)
    with pytest.raises(BrokerError) as caught:
        build(
            PaperSettings(), clock=clock, redeem=lambda *_: None, account_id="LIVE-1",
            mode=Mode.LIVE, supervisor=Supervisor(clock),
        )  # fmt: skip
    assert caught.value.code == "BROKER_ENVIRONMENT"


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2018-01-02T14:30:00+00:00", "2018-01-02T21:00:00+00:00"),
        ("2018-01-02T21:00:00+00:00", "2018-01-03T21:00:00+00:00"),
        ("2018-07-02T19:59:59+00:00", "2018-07-02T20:00:00+00:00"),
        ("2018-03-10T23:00:00+00:00", "2018-03-11T20:00:00+00:00"),
        ("2018-01-03T03:00:00+00:00", "2018-01-03T21:00:00+00:00"),
    ],
)
def test_session_end_follows_new_york(now: str, end: str) -> None:
    from datetime import datetime, time

    from cockpit.adapters.brokers.paper.session import next_session_end

    expected = to_ns(datetime.fromisoformat(end))
    assert next_session_end(to_ns(datetime.fromisoformat(now)), time(16, 0)) == expected
