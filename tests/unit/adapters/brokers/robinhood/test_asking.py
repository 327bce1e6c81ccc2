"""What is read at Robinhood is whole and exact, or an error; never less than there is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from cockpit.domain.account import Mode
from cockpit.domain.connection import Health
from cockpit.domain.order import OrderState, OrderType, Side, TimeInForce
from cockpit.kernel.clock import WallClock
from cockpit.ports.broker import BrokerError, NotSentError, TokenRefusedError
from cockpit.ports.health import CheckState
from tests.support.waiting import eventually
from tests.toyserver.hood import ToyHood, books
from tests.unit.adapters.brokers.paper_kit import TOKEN, order
from tests.unit.adapters.brokers.robinhood.kit import Session, signed_in

D = Decimal
Question = Callable[[Session], Awaitable[Any]]
QUESTIONS: dict[str, tuple[str, Question]] = {
    "account": ("/accounts/", lambda s: s.broker.account()),
    "positions": ("/positions/", lambda s: s.broker.positions()),
    "open orders": ("/orders/", lambda s: s.broker.open_orders()),
    "executions": ("/orders/", lambda s: s.broker.executions(0)),
    "one order": ("/orders/", lambda s: s.broker.find_order("0f1e2d3c")),
    "quotes": ("/quotes/", lambda s: s.broker.quotes(["AAPL"])),
    "history": ("/quotes/historicals/", lambda s: s.broker.history("AAPL")),
}
MOODS = [403, 404, 429, 500, "html", "truncated", "hang", "drip", "elsewhere"]


async def test_money_is_exact_and_of_the_real_account(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        account = await session.broker.account()
    assert (account.cash, account.equity) == (D("10000.1234"), D("12345.67"))
    assert account.buying_power == D(20_000)
    assert (account.mode, account.margin) == (Mode.LIVE, True)
    assert account.key_fingerprint.startswith("robinhood:live:")
    assert books.NUMBER not in account.key_fingerprint


async def test_positions_of_all_pages_are_read(toy: ToyHood) -> None:
    toy.page = 2
    for symbol, quantity in (("AAPL", "5.00000001"), ("MSFT", "0.25"), ("TSLA", "7")):
        toy.books.hold(symbol, quantity, "100.1234")
    async with signed_in(toy) as session:
        held = await session.broker.positions()
    assert [(p.symbol, p.quantity) for p in held] == [
        ("AAPL", D("5.00000001")), ("MSFT", D("0.25")), ("TSLA", D(7)),
    ]  # fmt: skip
    assert {p.average_cost for p in held} == {D("100.1234")}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("mood", MOODS)
async def test_a_failed_question_is_never_an_empty_answer(
    toy: ToyHood, name: str, mood: int | str
) -> None:
    path, ask = QUESTIONS[name]
    patience = 0.2 if mood in ("hang", "drip") else 1.0
    async with signed_in(
        toy, poll_s=60, connect_timeout_s=patience, answer_timeout_s=patience
    ) as session:
        toy.moods[path] = mood
        if (name, mood) == ("one order", 404):  # the one question that may be answered so
            assert await ask(session) is None
            return
        with pytest.raises(BrokerError) as failed:
            await ask(session)
    assert "could not be asked" in failed.value.user_text


@pytest.mark.parametrize("mood", [403, 500, "html", "truncated", "foreign", "round"])
async def test_a_list_of_which_the_second_page_fails_is_no_list(
    toy: ToyHood, mood: int | str
) -> None:
    toy.page, toy.from_page = 2, 1
    for symbol in books.SYMBOLS:
        toy.books.hold(symbol, "1.0", "10.0")
    async with signed_in(toy, poll_s=60) as session:
        toy.moods["/positions/"] = mood
        with pytest.raises(BrokerError):
            await session.broker.positions()
    hosts = {headers["Host"] for headers in toy.headers_seen}
    assert hosts == {toy.url.removeprefix("http://")}


async def test_open_orders_are_listed_with_their_terms(toy: ToyHood) -> None:
    toy.page = 1
    toy.books.order("AAPL", quantity="10", price="99.50", age_s=300)
    toy.books.order(
        "MSFT", "sell", "3", price="200.10", stop_price="201.00", trigger="stop",
        time_in_force="gtc", age_s=200,
    )  # fmt: skip
    toy.books.order("TSLA", state="cancelled", age_s=100)
    toy.books.order("TSLA", state="filled", age_s=90)
    async with signed_in(toy) as session:
        first, second = await session.broker.open_orders()
    assert (first.symbol, first.side, first.type) == ("AAPL", Side.BUY, OrderType.LIMIT)
    assert (first.quantity, first.limit_price) == (D(10), D("99.5"))
    assert (first.tif, first.report.state) == (TimeInForce.DAY, OrderState.WORKING)
    assert (second.symbol, second.side, second.type) == ("MSFT", Side.SELL, OrderType.STOP_LIMIT)
    assert (second.stop_price, second.tif) == (D(201), TimeInForce.GTC)


async def test_an_unknown_word_for_a_state_is_no_end(toy: ToyHood) -> None:
    made = toy.books.order("AAPL", state="quantum")
    async with signed_in(toy) as session:
        [listed] = await session.broker.open_orders()
        found = await session.broker.find_order(made["id"])
    assert listed.report.state is OrderState.ACKED
    assert found == listed


@pytest.mark.parametrize(
    "odd",
    [{"side": "borrow"}, {"type": "dream"}, {"time_in_force": "aeon"}, {"price": None},
     {"quantity": "NaN"}, {"quantity": None}, {"quantity": "0"}, {"updated_at": "yesterday"},
     {"price": 12.5, "quantity": "ten"}],
)  # fmt: skip
async def test_what_makes_no_sense_is_not_guessed(toy: ToyHood, odd: dict[str, Any]) -> None:
    async with signed_in(toy, poll_s=60) as session:
        toy.books.orders.append(toy.books.order("AAPL") | odd)
        toy.books.orders.pop(0)
        with pytest.raises(BrokerError):
            await session.broker.open_orders()


async def test_executions_add_up_and_the_fees_stand_with_the_last(toy: ToyHood) -> None:
    made = toy.books.order("AAPL", "sell", "10")
    toy.books.fill(made, "4", "100.10")
    toy.books.fill(made, "6", "100.20", fees="0.03")
    async with signed_in(toy) as session:
        first, second = await session.broker.executions(0)
        [found] = [await session.broker.find_order(made["id"])]
        assert await session.broker.executions(second.ts_event + 1) == []
    assert [(e.quantity, e.price, e.cumulative, e.fee) for e in (first, second)] == [
        (D(4), D("100.1"), D(4), D(0)), (D(6), D("100.2"), D(10), D("0.03")),
    ]  # fmt: skip
    assert {e.client_order_id for e in (first, second)} == {made["id"]}
    assert found is not None
    assert (found.report.filled, found.report.state) == (D(10), OrderState.FILLED)
    assert found.report.average_price == D("100.16")


@pytest.mark.parametrize(
    ("of_order", "of_part", "why"),
    [
        ({"cumulative_quantity": "5.00000000"}, {}, "add up"),
        ({"side": "borrow"}, {}, "a side"),
        ({}, {"price": "0"}, "makes no sense"),
        ({}, {"timestamp": "yesterday"}, "yesterday"),
    ],
)
async def test_executions_that_can_not_be_read_are_named_and_hide_no_other(
    toy: ToyHood, of_order: dict[str, Any], of_part: dict[str, Any], why: str
) -> None:
    odd, plain = toy.books.order("AAPL"), toy.books.order("MSFT")
    toy.books.fill(odd, "4", "100.10")
    toy.books.fill(plain, "6", "99.00")
    odd |= of_order
    odd["executions"][0] |= of_part
    async with signed_in(toy, poll_s=60) as session:
        first, second = await session.broker.executions(0)
        assert (first.client_order_id, first.symbol) == (odd["id"], "AAPL")
        assert why in first.unreadable
        assert (second.symbol, second.quantity, second.unreadable) == ("MSFT", D(6), "")
        since = second.ts_event + 1  # it may be as late as any
        assert [e.symbol for e in await session.broker.executions(since)] == ["AAPL"]


async def test_an_order_by_money_counts_as_the_most_that_it_can_become(toy: ToyHood) -> None:
    made = toy.books.order("AAPL")
    made |= {"quantity": None, "dollar_based_amount": {"amount": "250.00"}}
    async with signed_in(toy) as session:
        [listed] = await session.broker.open_orders()
    assert listed.quantity == D("2.5")


async def test_a_change_at_robinhood_has_the_books_compared(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        made = toy.books.order("AAPL", age_s=0)
        await eventually(lambda: session.healths[-2:] == [Health.STALE, Health.UP])
        assert [o.client_order_id for o in await session.broker.open_orders()] == [made["id"]]
        seen = len(session.lamps)
        toy.books.fill(made, "10", "99.00")
        await eventually(lambda: len(session.lamps) > seen)
        assert await session.broker.open_orders() == []


async def test_a_clock_of_ours_that_is_ahead_hides_no_order(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        assert await session.broker.open_orders() == []
        made = toy.books.order("AAPL", age_s=600)  # ten minutes ago, by Robinhood's clock
        [listed] = await session.broker.open_orders()
        assert listed.client_order_id == made["id"]


async def test_a_failed_look_shows_and_heals(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        toy.moods["/orders/"] = 500
        await eventually(lambda: session.healths[-1] is Health.DOWN)
        toy.moods.clear()
        await eventually(lambda: session.healths[-1] is Health.UP)


async def test_one_of_several_accounts_must_be_chosen(toy: ToyHood) -> None:
    toy.books.accounts.append(books.account("5RT00002", type="cash"))
    with pytest.raises(BrokerError) as unclear:
        async with signed_in(toy):
            pass
    assert "...0002" in unclear.value.user_text
    async with signed_in(toy, account_number="5RT00002") as session:
        assert (await session.broker.account()).margin is False


async def test_quotes_and_history_for_research(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        [quote] = await session.broker.quotes(["AAPL", "NOSUCH"])
        bars = await session.broker.history("AAPL", "day", "month")
        with pytest.raises(BrokerError):
            await session.broker.history("AAPL", "fortnight")
    assert (quote.symbol, quote.bid, quote.ask, quote.bid_size) == ("AAPL", 99.99, 100.01, 300)
    assert [(b.close, b.volume, b.interval_s) for b in bars] == [
        (102.5, 1000.0, 86_400), (103.5, 2000.0, 86_400),
    ]  # fmt: skip


async def test_every_order_is_held_back_and_nothing_is_cancelled(toy: ToyHood) -> None:
    toy.books.order("AAPL")
    async with signed_in(toy, poll_s=60) as session:
        broker, made = session.broker, order("mine")
        for send in (broker.submit(made, TOKEN), broker.replace(made, made, TOKEN)):
            with pytest.raises(NotSentError) as held:
                await send
            assert held.value.code == "BROKER_READ_ONLY"
        for stop in (broker.cancel(made), broker.cancel_all()):
            with pytest.raises(BrokerError) as refused:
                await stop
            assert refused.value.code == "BROKER_READ_ONLY"
        assert await broker.find_order("mine") is None
        checks = {check.name: check for check in await broker.checks()}
    assert checks["permission to trade"].hinders
    assert checks["sign-in"].state is CheckState.OK
    assert checks["clock"].state is CheckState.OK, "as the answers' Date header tells"
    assert {method for method, _ in toy.requests} == {"GET", "POST"}
    assert toy.asked("POST", "") == toy.asked("POST", "/oauth2/token/") == 1


async def test_a_clock_that_is_off_is_seen_before_codes_are_refused(toy: ToyHood) -> None:
    async with signed_in(toy, poll_s=60) as session:
        now = WallClock().now_ns()
        session.broker._lines.skew.note("Wed, 15 Jul 2026 12:00:00 GMT", now, now)
        [clock] = [c for c in await session.broker.checks() if c.name == "clock"]
        assert clock.state is CheckState.FAILED
        assert clock.hinders
        assert "won't be accepted" in clock.found


async def test_the_token_is_redeemed_first_even_so(toy: ToyHood) -> None:
    async with signed_in(toy) as session:

        def refuse(_token: object, _order: object) -> None:
            raise TokenRefusedError("used", user_text="The gate's token was used before.")

        session.broker._redeem = refuse
        with pytest.raises(TokenRefusedError) as refused:
            await session.broker.submit(order("mine"), TOKEN)
        assert not isinstance(refused.value, NotSentError)


@pytest.mark.parametrize("mood", ["hang", "drip"])
async def test_it_closes_at_once_whatever_hangs(toy: ToyHood, mood: str) -> None:
    async with signed_in(toy, poll_s=60, answer_timeout_s=1.5, connect_timeout_s=0.5) as session:
        toy.moods["/positions/"] = mood
        asking = asyncio.ensure_future(session.broker.positions())
        await eventually(lambda: toy.asked("GET", "/positions/"))
        await asyncio.wait_for(session.broker.close(), 0.5)
        with pytest.raises(BrokerError):
            await asking
    assert session.healths[-1] is Health.ENDED
    with pytest.raises(BrokerError):
        await session.broker.positions()


async def test_options_that_are_held_are_said_and_never_taken_for_nothing(toy: ToyHood) -> None:
    async with signed_in(toy) as session:
        told = {check.name: check for check in await session.broker.checks()}["not read"]
        assert told.state is CheckState.OK
        assert "Crypto is kept elsewhere" in told.found
        toy.books.contracts += [
            {"chain_symbol": "AAPL", "quantity": "2.0000", "type": "long"},
            {"chain_symbol": "TSLA", "quantity": "1.0000", "type": "short"},
        ]
        told = {check.name: check for check in await session.broker.checks()}["not read"]
        assert told.state is CheckState.WARNING
        assert "Options on AAPL, TSLA are held and not read here" in told.found
        toy.moods["/options/positions/"] = 403
        told = {check.name: check for check in await session.broker.checks()}["not read"]
        assert told.state is CheckState.UNKNOWN
