"""Nothing but questions leaves, whatever function of the SDK somebody calls."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import pkgutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import robin_stocks.robinhood as sdk
from robin_stocks.robinhood import globals as sdk_globals
from robin_stocks.robinhood import helper
from structlog.testing import capture_logs

from cockpit.adapters.brokers.asking import VenueRefusalError
from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.robinhood.faults import WriteRefusedError
from cockpit.adapters.brokers.robinhood.sdk import Line
from cockpit.adapters.brokers.robinhood.transport import Way
from cockpit.adapters.brokers.workers import HeldBackError
from tests.toyserver.hood import ToyHood

TOKEN = "toyaccess-of-the-transport-tests"
AT = {"expirationDate": "2026-12-18", "strike": "100", "positionEffect": "open",
      "creditOrDebit": "debit", "direction": "debit", "side": "buy", "mfa_code": "123456",
      "username": "u", "password": "p", "store_session": False, "direct": None,
      "optionType": "call", "timeInForce": "gfd",
      "spread": [{"expirationDate": "2026-12-18", "strike": "100", "optionType": "call",
                  "effect": "open", "action": "buy", "ratio_quantity": 1}]}  # fmt: skip


def writers() -> dict[str, Callable[..., Any]]:
    """Every function of the SDK that sends something, found in its source, by name."""
    calls: dict[str, set[str]] = {}
    found: dict[str, Callable[..., Any]] = {}
    for module in pkgutil.iter_modules(sdk.__path__, f"{sdk.__name__}."):
        loaded = importlib.import_module(module.name)
        for node in ast.parse(inspect.getsource(loaded)).body:
            if isinstance(node, ast.FunctionDef):
                names = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
                calls[node.name] = {n.id for n in names if isinstance(n, ast.Name)}
                found[node.name] = getattr(loaded, node.name)
    writing = {"request_post", "request_delete"}
    while more := {name for name, called in calls.items() if called & writing} - writing:
        writing |= more
    return {name: found[name] for name in sorted(writing) if not name.startswith("_")}


@pytest.fixture
async def way(toy: ToyHood, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Way]:
    """The SDK as a session of ours uses it, and somebody who believes to be signed in."""
    monkeypatch.setenv("HOME", str(tmp_path))  # the SDK's own login makes a folder there
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    toy.door.access.add(TOKEN)
    toy.books.order("AAPL")
    made = Way(url=toy.url, connect_timeout_s=1.0, answer_timeout_s=1.0, token=TOKEN)
    line = await asyncio.to_thread(Line, made)
    helper.set_login_state(True)
    yield made
    helper.set_login_state(False)
    line.close()


def arguments(function: Callable[..., Any]) -> dict[str, Any]:
    """Something for each parameter that must be given, and the ones that lead to the send."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in AT:
            given[name] = AT[name]
        elif parameter.default is not inspect.Parameter.empty:
            continue
        elif "ymbol" in name:
            given[name] = "AAPL"
        elif name in ("url", "ach_relationship", "orderID", "order_id", "id", "payload"):
            given[name] = "https://api.robinhood.com/orders/"
        else:
            given[name] = 1
    return given


def test_the_sdk_has_the_writers_we_know() -> None:
    names = set(writers())
    assert {"order", "order_buy_market", "cancel_stock_order", "cancel_all_stock_orders"} <= names
    assert {"withdrawl_funds_to_bank_account", "unlink_bank_account", "login"} <= names
    assert len(names) >= 45


@pytest.mark.parametrize("name", writers())
async def test_no_writer_of_the_sdk_gets_a_byte_out(toy: ToyHood, way: Way, name: str) -> None:
    function = writers()[name]
    by_crypto = "crypto" in name and name != "cancel_crypto_order"
    refusal = UnreadableError if by_crypto else WriteRefusedError
    with pytest.raises(refusal):
        await asyncio.to_thread(function, **arguments(function))
    assert {method for method, _ in toy.requests} <= {"GET"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "address",
    [
        "https://api.robinhood.com/orders/",
        "https://api.robinhood.com/oauth2/token/",
        "https://api.robinhood.com/oauth2/token/../../orders/",
        "http://api.robinhood.com/oauth2/token/",
        "https://nummus.robinhood.com/orders/",
        "https://example.com/",
    ],
)
async def test_no_other_request_leaves(toy: ToyHood, way: Way, method: str, address: str) -> None:
    with pytest.raises(WriteRefusedError, match=f"{method} .* was not sent"):
        await asyncio.to_thread(sdk_globals.SESSION.request, method, address, data={"a": "b"})
    assert toy.requests == []


async def test_while_signing_in_only_its_own_addresses_are_open(toy: ToyHood, way: Way) -> None:
    way.signing_in = True
    for path in ("/orders/", "/oauth2/token/x", "/oauth2/revoke_token/", "/pathfinder/inquiries/"):
        address = f"https://api.robinhood.com{path}"
        with pytest.raises(WriteRefusedError):
            await asyncio.to_thread(sdk_globals.SESSION.post, address, data={})
    assert toy.requests == []


async def test_the_token_goes_to_nobody_else(toy: ToyHood, way: Way) -> None:
    for address in ("https://nummus.robinhood.com/holdings/", "http://api.robinhood.com/orders/"):
        with pytest.raises(UnreadableError):
            await asyncio.to_thread(sdk_globals.SESSION.get, address)
    assert toy.requests == []


async def test_a_refused_question_is_not_swallowed_by_the_sdk(toy: ToyHood, way: Way) -> None:
    toy.moods["/positions/"] = 403
    with pytest.raises(VenueRefusalError):
        await asyncio.to_thread(sdk.get_open_stock_positions)


async def test_after_the_session_not_even_a_question_leaves(toy: ToyHood, way: Way) -> None:
    way.open = False
    with pytest.raises(HeldBackError):
        await asyncio.to_thread(sdk.get_open_stock_positions)
    assert toy.requests == []


async def test_what_the_sdk_prints_stays_off_the_terminal(
    way: Way, capfd: pytest.CaptureFixture[str]
) -> None:
    with capture_logs() as logs:
        assert await asyncio.to_thread(sdk.get_stock_historicals, "AAPL", "aeon") == [None]
    assert [entry["event"] for entry in logs] == ["sdk_printed"]
    assert capfd.readouterr() == ("", "")
