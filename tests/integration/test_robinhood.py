"""The trading room on a read-only account: everything is seen and booked, nothing is sent."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.ids import IntentIds
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.instrument import Instrument
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.order import EXTERNAL, MANUAL, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.recovery import RecoveryPhase
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.private_files import write_private
from cockpit.kernel.supervisor import Supervisor, TaskCrashed
from cockpit.market.book import Book
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.desk import Means, TradingDesk, open_desk
from tests.support.headless import environ_of, rows, started
from tests.support.program import command_line
from tests.support.waiting import eventually, wait_until
from tests.toyserver.exchange import ACCOUNT
from tests.toyserver.hood import ToyHood, books
from tests.toyserver.hood.client import robinhood_at
from tests.toyserver.hood.door import PASSWORD, TOTP

D = Decimal


@asynccontextmanager
async def desk_at(toy: ToyHood, folder: Path) -> AsyncIterator[TradingDesk]:
    clock, bus = WallClock(), Bus()
    crashes: list[TaskCrashed] = []
    supervisor, ids = Supervisor(clock, crashes.append), IntentIds(ACCOUNT)
    store = await open_store(folder / "cockpit.sqlite3")
    desk = open_desk(
        Means(
            bus=bus,
            clock=clock,
            supervisor=supervisor,
            store=store,
            prices=Book(clock),
            make_broker=lambda redeem: robinhood_at(toy, redeem),
            account_id=ACCOUNT,
            mode=Mode.LIVE,
            limits=LimitBook(LimitRules.of(Limits()), ACCOUNT),
            autonomy=lambda _strategy: Autonomy.BOUNDED,
            session_open=lambda _now: True,
            late=lambda: False,
            incident=lambda _key, _title, _text: None,
            next_id=ids.next,
            resume_ids=ids.go_on_after,
        )
    )
    for symbol in books.SYMBOLS:
        desk.portfolio.add_instrument(Instrument(symbol=symbol))
    try:
        await desk.start()
        yield desk
        assert not crashes, crashes
        assert not bus.failures, bus.failures
    finally:
        desk.protector.close()
        desk.sweeper.stop()
        await supervisor.stop()
        await desk.broker.close()
        await store.close()


@pytest.fixture
async def toy_hood() -> AsyncIterator[ToyHood]:
    async with ToyHood() as server:
        yield server


def held(desk: TradingDesk) -> dict[str, Decimal]:
    return {p.symbol: p.quantity for p in desk.portfolio.open_positions()}


async def test_what_is_there_is_taken_over_and_what_is_traded_is_booked(
    toy_hood: ToyHood, tmp_path: Path
) -> None:
    toy_hood.books.hold("AAPL", "5.5", "100.0000")
    made = toy_hood.books.order("MSFT", "buy", "10", price="99.00")
    async with desk_at(toy_hood, tmp_path) as desk:
        assert desk.recovery.phase is RecoveryPhase.READY
        assert held(desk) == {"AAPL": D("5.5")}
        order = desk.orders.get(made["id"])
        assert (order.intent.strategy, order.state) == (EXTERNAL, OrderState.WORKING)
        toy_hood.books.fill(made, "10", "98.75", fees="0.02")
        toy_hood.books.hold("MSFT", "10", "98.75")
        await eventually(lambda: held(desk).get("MSFT") == D(10), within=20)
        await eventually(lambda: desk.orders.get(made["id"]).state is OrderState.FILLED)
        assert desk.portfolio.position("MSFT").fees == D("0.02")
    async with desk_at(toy_hood, tmp_path) as again:  # and no fill is booked twice
        assert again.recovery.phase is RecoveryPhase.READY
        assert held(again) == {"AAPL": D("5.5"), "MSFT": D(10)}


async def test_what_can_not_be_read_of_one_order_hides_no_other(
    toy_hood: ToyHood, tmp_path: Path
) -> None:
    odd, plain = toy_hood.books.order("AAPL"), toy_hood.books.order("MSFT")
    async with desk_at(toy_hood, tmp_path) as desk:
        toy_hood.books.fill(odd, "10", "100.00")
        toy_hood.books.hold("AAPL", "10", "100.00")
        odd["executions"][0]["price"] = "0"
        toy_hood.books.fill(plain, "10", "99.00")
        toy_hood.books.hold("MSFT", "10", "99.00")
        await eventually(lambda: held(desk) == {"AAPL": D(10), "MSFT": D(10)}, within=20)
        assert list(desk.events.broken) == [odd["id"]]
        await eventually(lambda: desk.recovery.phase is RecoveryPhase.READY, within=20)
        assert desk.portfolio.position("AAPL").average_cost == D(100)  # by the order's own report


async def test_no_order_and_no_cancel_goes_out_even_from_the_kill_switch(
    toy_hood: ToyHood, tmp_path: Path
) -> None:
    toy_hood.books.hold("AAPL", "5", "100.0000")
    made = toy_hood.books.order("AAPL", "sell", "5")
    async with desk_at(toy_hood, tmp_path) as desk:
        wish = OrderIntent(
            intent_id="wish-1", account_id=ACCOUNT, symbol="AAPL", side=Side.SELL,
            type=OrderType.MARKET, quantity=D(1), strategy=MANUAL,
        )  # fmt: skip
        denied = await desk.oms.submit(wish)
        assert (denied.state, denied.reason_code) == (OrderState.DENIED, "READINESS_NOT_READY")
        report = await desk.kill_switch.fire("test", flatten=False)
        assert desk.switch.state is TradingState.HALTED
        assert [order.client_order_id for order in report.still_open] == [made["id"]]
        assert report.positions_left == ("AAPL",)
    posts = [path for method, path in toy_hood.requests if method != "GET"]
    assert posts == ["/oauth2/token/"]


# the program itself

EMAIL, PASSPHRASE = "toy@example.com", "a passphrase of the whole run"


def add_account(folder: Path) -> subprocess.CompletedProcess[str]:
    """Store the toy's account as a person without a terminal does."""
    command = [*command_line(), "accounts", "add", "rh", "--broker", "robinhood", "--mode", "live",
               "--stdin", *where(folder)]  # fmt: skip
    return subprocess.run(
        command, env=environ_of(folder), cwd=folder, text=True, capture_output=True, timeout=50,
        input=f"{EMAIL}\n{PASSWORD}\n{TOTP}\n", check=False,
    )  # fmt: skip


def where(folder: Path) -> list[str]:
    return ["--config", str(folder / "cockpit.toml"), "--data-dir", str(folder / "data")]


@pytest.mark.timeout(180)
async def test_the_program_signs_in_books_what_it_sees_and_writes_no_secret(
    toy_hood: ToyHood, tmp_path: Path
) -> None:
    toy_hood.door.mfa, toy_hood.door.approval = True, "validated"
    toy_hood.books.hold("AAPL", "5.5", "100.0000")
    made = toy_hood.books.order("MSFT", "buy", "10", price="99.00")
    passphrase = tmp_path / "passphrase"
    write_private(passphrase, PASSPHRASE.encode())
    settings = (
        f'[brokers.robinhood]\nurl = "{toy_hood.url}"\npoll_s = 0.5\napproval_poll_s = 0.1\n'
        f'[vault]\nkind = "file"\npassphrase_file = {str(passphrase)!r}\n'
    )
    write_private(tmp_path / "cockpit.toml", settings.encode())

    added = await asyncio.to_thread(add_account, tmp_path)
    assert added.returncode == 0, added.stderr
    assert "1 positions, 1 open orders" in added.stdout
    assert "approve it" in added.stderr
    assert "REAL MONEY" not in added.stderr
    assert "robinhood is read only: rh is looked at, and never traded" in added.stderr
    await asyncio.to_thread(watch_a_fill, toy_hood, made, tmp_path)
    assert [path for method, path in toy_hood.requests if method not in ("GET", "POST")] == []
    assert toy_hood.asked("POST", "/orders") == 0
    written = all_files(tmp_path)
    assert written.pop("passphrase") == PASSPHRASE.encode()
    assert any(name.endswith("cockpit.log") for name in written)
    secrets = [*toy_hood.door.secrets, EMAIL, PASSPHRASE, *toy_hood.door.machines]
    leaks = [
        (name, secret[:6])
        for name, body in written.items()
        for secret in secrets
        if secret.encode() in body
    ]
    assert leaks == []
    assert not [secret for secret in secrets if secret in added.stdout + added.stderr]


def all_files(folder: Path) -> dict[str, bytes]:
    files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def watch_a_fill(toy_hood: ToyHood, made: dict[str, Any], folder: Path) -> None:
    """Run a session; what is traded at Robinhood meanwhile is in the ledger."""
    query = "select symbol, quantity from fill"
    with started(folder, "run", "--account", "rh", "--headless", *where(folder)) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert "is up" in said, said
        toy_hood.books.fill(made, "10", "98.75", fees="0.02")
        toy_hood.books.hold("MSFT", "10", "98.75")
        wait_until(lambda: rows(folder / "data", query), within=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    [(symbol, quantity)] = rows(folder / "data", query)
    assert (symbol, Decimal(quantity)) == ("MSFT", D(10))
