"""The day's profit, its peak and what was carried into it are the same after a restart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.domain.account import Account
from cockpit.domain.events import FillBooked
from cockpit.domain.market import Quote
from cockpit.domain.order import OrderType, Side, TimeInForce
from cockpit.kernel.bus import Bus
from cockpit.ports.broker import BrokerError, Charge
from cockpit.trading.portfolio import DayOpening, Portfolio
from tests.support.desk import Desk, restarted, trading_desk
from tests.support.fills import NINE_THIRTY, fill

DAY_S = 86_400


def at(desk: Desk, price: float) -> float:
    """Today's profit once a price was seen."""
    desk.quote(price - 0.01, price + 0.01)
    return desk.portfolio.day_pnl


def falls_to(bid: float, now_ns: int) -> Quote:
    return Quote(
        symbol="ABC", bid=bid, ask=bid + 0.02, bid_size=1000, ask_size=1000,
        ts_event=now_ns, ts_init=now_ns,
    )  # fmt: skip


async def test_what_was_held_over_night_is_carried_over_a_second_restart(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        await desk.pass_time(DAY_S)
        async with restarted(desk) as morning:
            began = at(morning, 150)
            await morning.pass_time(1)
            lost = at(morning, 140)
            async with restarted(morning) as noon:
                assert at(noon, 140) == pytest.approx(lost)
                assert lost == pytest.approx(began - 400)


async def test_what_was_held_before_the_first_start_is_no_profit_of_the_day(
    tmp_path: Path,
) -> None:
    def held_long_ago(desk: Desk) -> None:
        money = desk.broker._venue._money
        money.book(fill(1, "+40 @ 50", symbol="ABC", account="PAPER-1"))

    async with trading_desk(tmp_path, before=held_long_ago) as desk:
        assert desk.portfolio.position("ABC").quantity == 40
        assert at(desk, 100) == pytest.approx(0, abs=1)
        lost = at(desk, 90)
        assert lost == pytest.approx(-400, abs=1)
        await desk.pass_time(1)
        async with restarted(desk) as again:
            assert at(again, 90) == pytest.approx(lost)


async def test_the_peak_outlives_a_restart(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        at(desk, 130)
        peak = desk.portfolio.peak
        assert peak > 1000
        await desk.pass_time(1)
        async with restarted(desk) as again:
            at(again, 100)
            assert again.portfolio.peak == pytest.approx(peak, abs=100)
            assert again.portfolio.drawdown < -1000


def test_restored_it_is_marked_at_the_last_fill_and_not_the_first() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    ledger = [
        fill(number, text, ts_ns=NINE_THIRTY + number)
        for number, text in enumerate(("+10 @ 50", "-10 @ 50", "+10 @ 100"))
    ]
    portfolio.restore(ledger, NINE_THIRTY + 10)
    portfolio.go_on_from(DayOpening("2018-01-02", Decimal(10_000), {}))
    assert (portfolio.day_pnl, portfolio.peak, portfolio.gross_exposure) == (0, 0, 1000)


def test_what_was_carried_stands_where_the_day_began_until_it_has_a_price() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    ledger = [fill(1, "+10 @ 100", ts_ns=NINE_THIRTY)]
    portfolio.restore(ledger, NINE_THIRTY + DAY_S * 10**9)
    portfolio.go_on_from(DayOpening("2018-01-03", Decimal(10_000), {"XXX": 500.0}))
    assert (portfolio.day_pnl, portfolio.gross_exposure) == (0, 1500)


def test_an_opening_of_an_earlier_version_is_still_read() -> None:
    written = b'{"day":"2018-01-02","equity":"10000","carried":{"ABC":1.5}}'
    opening = msgspec.json.decode(written, type=DayOpening)
    assert (opening.carried, opening.peak, opening.unmarked) == ({"ABC": 1.5}, 0.0, ())


async def test_what_was_filled_while_nobody_was_here_is_counted_once(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        stop = desk.intent(Side.SELL, 40, type=OrderType.STOP, stop="95")
        stop = msgspec.structs.replace(stop, tif=TimeInForce.GTC)
        await desk.do(desk.oms.submit(stop))
        await desk.pass_time(DAY_S)
        venue = desk.broker._venue

        def falls(morning: Desk) -> None:
            now = morning.clock.now_ns()
            venue.on_quote(falls_to(94.0, now), now)

        async with restarted(desk, before=falls) as morning:
            assert morning.portfolio.position("ABC").flat
            theirs = await morning.do(morning.broker.account())
            assert morning.portfolio.equity == pytest.approx(float(theirs.equity), abs=0.01)
            assert morning.portfolio.day_pnl < -200
            async with restarted(morning) as noon:
                assert noon.portfolio.equity == pytest.approx(float(theirs.equity), abs=0.01)


async def test_a_fill_told_while_signing_in_waits_until_the_day_is_open(tmp_path: Path) -> None:
    """Nobody could judge a loss before: the risk monitor would halt trading for the session."""
    opened: list[object] = []

    def filled_while_signing_in(desk: Desk) -> None:
        ask = desk.broker.account

        async def account() -> Account:
            desk.broker.account = ask
            desk.broker.on_quote(falls_to(94.9, desk.clock.now_ns()))
            await desk.clock.sleep(0.5)
            return await ask()

        desk.broker.account = account
        desk.bus.subscribe(FillBooked, lambda _: opened.append(desk.portfolio.start_equity))

    async with trading_desk(tmp_path) as desk:
        wish = desk.intent(type=OrderType.LIMIT, limit="95.00")
        await desk.do(desk.oms.submit(wish))
        await desk.pass_time(1)
        async with restarted(desk, before=filled_while_signing_in) as again:
            assert opened == [Decimal(100_000)]
            assert again.portfolio.position("ABC").quantity == 10


class Fees:
    """What the venue takes without a trade; `silent` while its list can't be had."""

    def __init__(self) -> None:
        self.taken: list[Charge] = []
        self.silent = False

    def settle(self, desk: Desk) -> None:
        """Let the desk's broker be one that tells its fees."""
        desk.broker.charges = self.charges

    async def charges(self, _since_ns: int) -> list[Charge]:
        if self.silent:
            raise BrokerError("503", user_text="The broker does not answer.")
        return list(self.taken)

    def take(self, desk: Desk, amount: int) -> None:
        name = f"fee-{len(self.taken)}"
        self.taken.append(Charge(charge_id=name, amount=Decimal(-amount), text="Fee"))
        desk.broker._venue._money.cash -= amount


def equities(desk: Desk) -> tuple[float, float]:
    """Here and at the venue, when nothing is held."""
    return desk.portfolio.equity, float(desk.broker._venue._money.cash)


async def test_a_fee_of_the_night_counts_once_when_it_can_not_be_listed_at_first(
    tmp_path: Path,
) -> None:
    fees = Fees()
    async with trading_desk(tmp_path, before=fees.settle) as desk:
        await desk.pass_time(DAY_S)
        fees.take(desk, 25)
        fees.silent = True
        async with restarted(desk, before=fees.settle) as morning:
            assert equities(morning) == (99_975, 99_975)
            fees.silent = False
            assert await morning.charges.look() == 1
            assert equities(morning) == (99_975, 99_975)
            assert morning.portfolio.day_pnl == -25
            fees.take(morning, 5)
            assert await morning.charges.look() == 1
            assert equities(morning) == (99_970, 99_970)
            await morning.pass_time(1)
            async with restarted(morning, before=fees.settle) as noon:
                assert equities(noon) == (99_970, 99_970)


async def test_a_fee_of_the_night_counts_once_over_a_restart_before_it_was_listed(
    tmp_path: Path,
) -> None:
    fees = Fees()
    async with trading_desk(tmp_path, before=fees.settle) as desk:
        await desk.pass_time(DAY_S)
        fees.take(desk, 25)
        fees.silent = True
        async with restarted(desk, before=fees.settle) as morning:
            await morning.pass_time(1)
            fees.silent = False
            async with restarted(morning, before=fees.settle) as noon:
                assert equities(noon) == (99_975, 99_975)
                fees.take(noon, 5)
                assert await noon.charges.look() == 1
                assert equities(noon) == (99_970, 99_970)


async def test_a_fee_of_the_night_counts_once_over_a_midnight_before_it_was_listed(
    tmp_path: Path,
) -> None:
    fees = Fees()
    async with trading_desk(tmp_path, before=fees.settle) as desk:
        await desk.pass_time(DAY_S)
        fees.take(desk, 25)
        fees.silent = True
        async with restarted(desk, before=fees.settle) as morning:
            await morning.pass_time(DAY_S)
            morning.quote(99.99, 100.01)
            fees.silent = False
            await morning.charges.look()
            assert equities(morning) == (99_975, 99_975)
