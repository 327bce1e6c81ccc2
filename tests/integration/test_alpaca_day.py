"""The real program at a toy Alpaca: keys stored, proposal, order, fill, position, recap, halt."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.cli.exits import Exit
from cockpit.trading.names import base36
from tests.support.headless import report_of, rows
from tests.support.venue import Venue
from tests.support.waiting import wait_until
from tests.toyserver import Fault
from tests.toyserver.server import SECRET_KEY

pytestmark = pytest.mark.timeout(180)
HEADLESS = ("run", "--headless")
LONGEST_STOP_S = 3.0


def fills(venue: Venue) -> int:
    return len(rows(venue.data, "select * from fill"))


def status(venue: Venue) -> dict[str, Any]:
    code, said = venue.run("status", "--json")
    assert code == Exit.OK, said
    told: dict[str, Any] = json.loads(said)
    return told


def stopped(process: subprocess.Popen[str], within: float = 20.0) -> str:
    """Ask it to stop; what it said."""
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=within)
    assert process.returncode == 0, said
    return said


@pytest.mark.parametrize("own_process", [True, False])
def test_a_day_without_a_window(venue: Venue, own_process: bool) -> None:
    with venue.config.open("a", encoding="utf-8") as settings:  # its last section is the feed's
        settings.write(f"own_process = {str(own_process).lower()}\n")
    report = venue.folder / "report.json"
    with venue.started(*HEADLESS, "--approve", "all", "--report", report) as process:
        wait_until(lambda: fills(venue) == 2, 40, "two fills")
        told = status(venue)
        assert (told["state"], len(told["positions"])) == ("active", 2)

        code, said = venue.run("halt", "--reason", "Fire drill")
        assert code == Exit.OK, said
        assert "HALTED: Fire drill" in said
        code, said = venue.run("flatten", "--all")
        assert code == Exit.OK, said
        assert "the broker confirms" in said
        assert not venue.do(venue.toy.exchange.venue.positions)
        stopped(process)
    _compare(venue, report_of(report))
    _no_secret_anywhere(venue.folder)
    _ids_name_the_ledger(venue)

    with venue.started(*HEADLESS) as process:  # halted it comes back, and with what it knew
        wait_until(lambda: status(venue)["running"], 40, "the next start")
        assert status(venue)["state"] == "halted"
        stopped(process)
    assert len(venue.do(lambda: list(venue.toy.exchange.orders))) == 4  # nothing went out twice


def _compare(venue: Venue, told: dict[str, Any]) -> None:
    """Journal, recap and P&L say what the venue's own ledger says."""
    exchange = venue.toy.exchange
    made = venue.do(lambda: list(exchange.executions))
    assert [Decimal(f["price"]) for f in told["fills"]["all"]] == [e.price for e in made]
    net = sum((-e.order.terms.side.sign * e.quantity * e.price for e in made), Decimal(0))
    assert Decimal(told["pnl"]["net"]) == net
    assert venue.do(lambda: exchange.venue.account(0)).cash == 100_000 + net
    assert (told["mode"], told["source"], told["positions"]) == ("paper", "", [])
    assert told["orders"]["by_state"] == {"FILLED": 4} or told["orders"]["by_state"] == {
        "filled": 4
    }
    assert told["recap"]["facts"]
    assert told["events"]["accepted"] > 20
    assert set(told["events"]["quarantined"]) <= {"duplicate", "out_of_order"}


def _ids_name_the_ledger(venue: Venue) -> None:
    """Another data folder at the same account could never give one of them."""
    [(account_id, began_ns)] = rows(venue.data, "select account_id, started_ns from run")
    sent = venue.do(lambda: {o.client_order_id for o in venue.toy.exchange.orders.values()})
    assert {name.rpartition("-")[0] for name in sent} == {f"{account_id}-{base36(began_ns)}"}


def _no_secret_anywhere(folder: Path) -> None:
    kept = folder / "data" / "secrets.vault"
    for file in folder.rglob("*"):
        if file.is_file() and file != kept:
            assert SECRET_KEY.encode() not in file.read_bytes(), file


def test_keys_that_are_refused_start_nothing(venue: Venue) -> None:
    venue.toy.keys = ("PKOTHER", "other")
    code, said = venue.run(*HEADLESS)
    assert code == Exit.SIGN_IN, said
    assert "does not accept" in said
    assert SECRET_KEY not in said
    assert "Traceback" not in said


def test_a_feed_that_stops_halts_and_the_session_goes_on(venue: Venue) -> None:
    with venue.started(*HEADLESS) as process:
        wait_until(lambda: venue.do(lambda: venue.toy.market.listeners), 40, "the stream")
        venue.do(lambda: setattr(venue.toy.market.faults, "error_at", ("auth", 402, "auth failed")))
        venue.do(venue.toy.market.cut)
        wait_until(lambda: status(venue)["state"] == "halted", 20, "the halt")
        assert process.poll() is None
        stopped(process)


def _mute(step: str) -> Callable[[Venue], None]:
    def fault(venue: Venue) -> None:
        venue.toy.market.faults.mute_at = venue.toy.stream_faults.mute_at = step

    return fault


def _stall(*requests: str) -> Callable[[Venue], None]:
    def fault(venue: Venue) -> None:
        for request in requests:
            venue.toy.faults.plan(request, *[Fault.STALLED] * 20)

    return fault


def _frozen(venue: Venue) -> None:
    venue.toy.market.faults.frozen = venue.toy.stream_faults.frozen = True
    venue.quoting = False


def _stalled_socket(venue: Venue) -> None:
    venue.toy.market.faults.stalled = True


def _heard(path: str) -> Callable[[Venue], bool]:
    return lambda venue: any(p.partition("?")[0] == path for _, p in venue.toy.requests)


STATES: dict[str, tuple[Callable[[Venue], None], Callable[[Venue], Any]]] = {
    "asking for closes": (_stall("GET /v2/stocks/snapshots"), _heard("/v2/stocks/snapshots")),
    "asking for the account": (_stall("GET /v2/account"), _heard("/v2/account")),
    "comparing the books": (_stall("GET /v2/positions"), _heard("/v2/positions")),
    "no welcome": (_mute("hello"), lambda venue: venue.toy.market.connects),
    "no answer to the sign-in": (_mute("auth"), lambda venue: venue.toy.market.connects),
    "no answer to the handshake": (_stalled_socket, lambda venue: venue.toy.market.connects),
    "streaming": (lambda _venue: None, fills),
    "frozen sockets": (_frozen, lambda venue: venue.toy.market.pings),
    "an order on its way": (_stall("POST /v2/orders"), _heard("/v2/orders")),
}


@pytest.mark.parametrize("state", STATES)
def test_it_stops_within_three_seconds_whatever_hangs(venue: Venue, state: str) -> None:
    fault, reached = STATES[state]
    venue.do(venue.toy.requests.clear)
    venue.do(lambda: fault(venue))
    with venue.started(*HEADLESS, "--approve", "all") as process:
        wait_until(lambda: venue.do(lambda: reached(venue)), 40, state)
        began = time.perf_counter()
        said = stopped(process)
        took = time.perf_counter() - began
    assert "Traceback" not in said
    print(f"{state}: {took:.2f} s")
    assert took < LONGEST_STOP_S, said
