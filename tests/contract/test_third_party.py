"""A broker of somebody else: installed as a package, found by name, held to the contract."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cockpit.adapters.storage import open_store
from cockpit.app import registry
from cockpit.app.ids import IntentIds
from cockpit.cli.main import app
from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.domain.instrument import Instrument
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.market import Quote
from cockpit.domain.order import MANUAL, OrderIntent, OrderState, OrderType, Side
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import WallClock
from cockpit.kernel.supervisor import Supervisor
from cockpit.market.book import Book
from cockpit.ports.vault import account_secret
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.desk import Means, TradingDesk, open_desk
from tests.support.plugins import pip_install
from tests.support.waiting import eventually
from tests.toyserver.client import DictVault

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tests" / "example_broker"
ACCOUNT = "PAPER-1"
BROKEN = {
    "RejectsWhatIsUnknown": "a_lost_answer_is_unknown_and_the_order_is_found",
    "SendsAgain": "a_lost_request_is_unknown_too_and_never_sent_again",
    "IsFlatWhenAsked": "a_failed_question_is_no_empty_answer",
    "TakesNoToken": "without_a_token_nothing_is_sent",
    "DropsTheTerms": "terms_are_carried_out_if_offered_and_else_refused_in_words",
    "HidesTheCut": "a_cut_line_shows_heals_and_loses_nothing",
    "NamesAnew": "one_id_is_one_order",
    "CancelsFirst": "a_replacement_under_a_used_id_changes_nothing",
    "ForgetsToSay": "without_a_session_every_question_fails_and_nothing_is_sent",
    "GuessesTheEnd": "an_unheard_of_status_is_neither_an_end_nor_an_error",
}
"""What an adapter does wrong, and the test of the contract that must say so."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip has installed the package."""
    folder = tmp_path_factory.mktemp("third-party") / "site"
    pip_install(PACKAGE, folder)
    return folder


@pytest.fixture
def found(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package installed for this program."""
    monkeypatch.syspath_prepend(site)
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "cockpit_tidemark"]:
        del sys.modules[name]


def checks(site: Path, folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the package's own checks as its author does, in a process and a folder of their own."""
    shutil.copytree(PACKAGE / "checks", folder / "checks")
    shutil.copy(PACKAGE / "pyproject.toml", folder)
    shutil.copy(ROOT / "tests/contract/sloppy_adapters.py", folder / "checks/test_sloppy.py")
    paths = os.pathsep.join([str(site), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rsf", "-p", "no:cacheprovider",
         "-p", "no:pytest-qt", *arguments],
        cwd=folder, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_pip_has_installed_it_with_its_entry_point(site: Path) -> None:
    [info] = site.glob("cockpit_tidemark-*.dist-info")
    points = (info / "entry_points.txt").read_text(encoding="utf-8")
    assert "[cockpit.brokers]" in points
    assert "tidemark = cockpit_tidemark:plugin" in points


def test_it_passes_the_whole_contract_as_its_author_runs_it(site: Path, tmp_path: Path) -> None:
    code, said = checks(site, tmp_path, "checks/test_contract.py")
    assert code == 0, said
    assert "skipped" not in said
    counted = re.search(r"(\d+) passed", said)
    assert counted is not None
    assert int(counted.group(1)) >= 45


def test_the_contract_finds_what_it_is_for(site: Path, tmp_path: Path) -> None:
    asked = [f"checks/test_sloppy.py::Test{kind}::test_{test}" for kind, test in BROKEN.items()]
    _, said = checks(site, tmp_path, *asked)
    failed = set(re.findall(r"^FAILED \S+::Test(\w+)::", said, re.MULTILINE))
    assert failed == set(BROKEN), said


@pytest.mark.usefixtures("found")
def test_it_is_found_by_name_and_the_doctor_knows_it(tmp_path: Path) -> None:
    assert "tidemark" in registry.names("brokers")
    config = tmp_path / "cockpit.toml"
    config.write_text('broker = "tidemark"\n', encoding="utf-8")
    arguments = ["doctor", "--json", "--data-dir", str(tmp_path), "--config", str(config)]
    told = json.loads(CliRunner().invoke(app, arguments).stdout)["checks"]
    listing = [check for check in told if "tidemark" in check["found"]]
    assert listing
    assert {check["state"] for check in listing} == {"ok"}


@pytest.mark.usefixtures("found")
def test_run_names_it_and_it_says_itself_what_is_missing(tmp_path: Path) -> None:
    plain = tmp_path / "cockpit.toml"
    plain.touch()
    arguments = ["run", "--broker", "tidemark", "--headless", "--data-dir", str(tmp_path / "data")]
    done = CliRunner().invoke(app, [*arguments, "--config", str(plain)])
    assert done.exit_code != 0
    assert "tidemark" in done.output.lower()
    assert "cockpit accounts add" in done.output or "simulated" in done.output


@asynccontextmanager
async def desk_on(address: tuple[str, int], folder: Path, key: str) -> AsyncIterator[TradingDesk]:
    """The trading room with the installed broker, built by name as `compose` does."""
    clock, bus = WallClock(), Bus()
    supervisor, ids, book = Supervisor(clock), IntentIds(ACCOUNT), Book(clock)
    store = await open_store(folder / "cockpit.sqlite3")
    toml = {"brokers": {"tidemark": {"host": address[0], "port": address[1]}}}
    vault = DictVault(**{account_secret("mine", "key"): key})

    def make_broker(redeem: Any) -> Any:
        return registry.build(
            "brokers", "tidemark", toml, offered={"vault": vault, "account": "mine"},
            clock=clock, redeem=redeem, account_id=ACCOUNT, mode=Mode.PAPER,
            supervisor=supervisor, folder=folder, known=False,
        )  # fmt: skip

    desk = open_desk(
        Means(
            bus=bus,
            clock=clock,
            supervisor=supervisor,
            store=store,
            prices=book,
            make_broker=make_broker,
            account_id=ACCOUNT,
            mode=Mode.PAPER,
            limits=LimitBook(LimitRules.of(Limits()), ACCOUNT),
            autonomy=lambda _strategy: Autonomy.BOUNDED,
            session_open=lambda _now: True,
            late=lambda: False,
            incident=lambda _key, _title, _text: None,
            next_id=ids.next,
            resume_ids=ids.go_on_after,
            day_trades=lambda _symbol, _now_ns: (0, 0),
        )
    )
    stock = Instrument(symbol="ABC", average_daily_volume=Decimal(1_000_000))
    book.add(stock)
    desk.portfolio.add_instrument(stock)
    try:
        await desk.start()
        now = clock.now_ns()
        feed = Connection(name="test", kind="feed", health=Health.UP)
        bus.publish(ConnectionChanged(connection=feed, ts_event=now, ts_init=now))
        book.on_quote(
            Quote(
                symbol="ABC", bid=9.99, ask=10.01, bid_size=1000, ask_size=1000,
                ts_event=now, ts_init=now,
            )
        )  # fmt: skip
        yield desk
        assert not bus.failures, bus.failures
    finally:
        desk.protector.close()
        desk.sweeper.stop()
        await supervisor.stop()
        await desk.broker.close()
        await store.close()


@pytest.mark.usefixtures("found")
async def test_an_order_goes_through_the_gate_to_it_and_its_fill_is_booked(tmp_path: Path) -> None:
    from cockpit_tidemark.toy import KEY, ToyVenue

    async with ToyVenue() as toy:
        toy.quote(9.99, 10.01, 1000)
        async with desk_on(toy.address, tmp_path, KEY) as desk:
            wish = OrderIntent(
                intent_id="wish-1", account_id=ACCOUNT, symbol="ABC", side=Side.BUY,
                type=OrderType.MARKET, quantity=Decimal(10), strategy=MANUAL,
            )  # fmt: skip
            sent = await desk.oms.submit(wish)
            assert sent.state is not OrderState.DENIED, sent.reason_text
            name = sent.client_order_id
            await eventually(lambda: desk.orders.get(name).state is OrderState.FILLED)
            held = desk.portfolio.position("ABC")
            assert (held.quantity, held.average_cost) == (Decimal(10), Decimal("10.01"))
            assert toy.bought == Decimal(10)
            assert list(toy.orders) == [name]
