"""Limits changed while trading: what holds when, what is journalled, what must be typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cockpit.adapters.storage import open_store
from cockpit.app.limits.desk import LimitChangeError, LimitDesk, settle_limits
from cockpit.domain.account import Mode
from cockpit.domain.limit_rules import RESTRICTED, LimitRules, Place, Scope
from cockpit.domain.limits import Limits
from cockpit.kernel.clock import VirtualClock
from cockpit.ports.store import Run, Store, StoreError
from cockpit.risk.limit_book import LimitBook

BASE = LimitRules.of(Limits())
VALUE = Place("max_order_value")
WINDOW = Place("duplicate_window_s")
ACME = Place("max_order_value", Scope.SYMBOLS, "ACME")
CLOCK = VirtualClock(1)
LIVE = Run(account_id="LIVE", mode=Mode.LIVE, label="", source="", started_ns=1)
PAPER = Run(account_id="PAPER-1", mode=Mode.PAPER, label="", source="", started_ns=1)


@pytest.fixture
async def store(tmp_path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "cockpit.sqlite3")
    yield opened
    await opened.close()


async def desk(store: Store, run: Run = LIVE, written: LimitRules = BASE) -> LimitDesk:
    """A start with what the settings file says."""
    rules = await settle_limits(store, run, written, 1)
    book = LimitBook(rules, run.account_id)
    return LimitDesk(book=book, written=written, store=store, clock=CLOCK, mode=run.mode)


async def last(store: Store, account_id: str = "LIVE") -> dict[str, Any]:
    written = await store.newest_record("limits", account_id)
    assert written is not None
    return msgspec.json.decode(written, type=dict[str, Any])


def holds(limits: LimitDesk) -> Decimal:
    return limits.book.of("manual", "ACME").max_order_value


async def test_tighter_holds_without_a_word(store) -> None:
    limits = await desk(store)
    await limits.change(VALUE, Decimal(5000))
    assert holds(limits) == 5000
    told = await last(store)
    assert (told["limit"], told["old"], told["new"], told["by"]) == (
        "max_order_value",
        "10000",
        "5000",
        "person",
    )
    assert told["before"]["max_order_value"] == "10000"


@pytest.mark.parametrize("typed", ["", "loosen max_order_value", "LOOSEN max_order", "yes"])
async def test_looser_on_a_live_account_needs_the_phrase(store, typed) -> None:
    limits = await desk(store)
    before = await last(store)
    with pytest.raises(LimitChangeError, match="was not typed") as refused:
        await limits.change(VALUE, Decimal(20_000), typed=typed)
    assert "Type LOOSEN max_order_value" in refused.value.user_text
    assert holds(limits) == 10_000
    assert await last(store) == before


async def test_looser_with_the_phrase_of_that_limit(store) -> None:
    limits = await desk(store)
    assert limits.phrase(VALUE, Decimal(20_000)) == "LOOSEN max_order_value"
    await limits.change(VALUE, Decimal(20_000), typed=" LOOSEN max_order_value ")
    assert holds(limits) == 20_000
    assert (await last(store))["new"] == "20000"
    with pytest.raises(LimitChangeError):
        await limits.change(WINDOW, Decimal(1), typed="LOOSEN max_order_value")


async def test_a_shorter_window_is_looser(store) -> None:
    limits = await desk(store)
    assert limits.phrase(WINDOW, Decimal(1)) == "LOOSEN duplicate_window_s"
    assert limits.phrase(WINDOW, Decimal(9)) == ""


async def test_on_paper_nothing_is_typed(store) -> None:
    limits = await desk(store, PAPER)
    await limits.change(VALUE, Decimal(20_000))
    assert holds(limits) == 20_000
    assert (await last(store, "PAPER-1"))["new"] == "20000"


async def test_a_rule_for_one_symbol_comes_and_goes(store) -> None:
    limits = await desk(store)
    await limits.change(ACME, Decimal(100))
    assert (holds(limits), limits.book.of("manual", "BOLT").max_order_value) == (100, 10_000)
    with pytest.raises(LimitChangeError):
        await limits.change(ACME, None)
    await limits.change(ACME, None, typed="LOOSEN symbols.ACME.max_order_value")
    assert holds(limits) == 10_000
    restricted = Place(RESTRICTED)
    await limits.change(restricted, frozenset({"GME"}))
    with pytest.raises(LimitChangeError):
        await limits.change(restricted, frozenset())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (VALUE, Decimal(0)),
        (VALUE, Decimal("NaN")),
        (VALUE, None),
        (Place("max_lunch"), Decimal(1)),
        (Place("day_loss_halted_fraction"), Decimal("0.01")),
        (Place("max_gross_fraction", Scope.SYMBOLS, "ACME"), Decimal(1)),
    ],
)
async def test_what_is_no_limit_changes_nothing(store, place, value) -> None:
    limits = await desk(store, PAPER)
    with pytest.raises(LimitChangeError) as refused:
        await limits.change(place, value)
    assert "as it was" in refused.value.user_text
    assert limits.book.rules == BASE


async def test_the_store_refuses(store, monkeypatch) -> None:
    limits = await desk(store)

    async def refuse(*_args) -> None:
        raise StoreError("full", user_text="The disk is full.")

    monkeypatch.setattr(store, "record", refuse)
    with pytest.raises(StoreError):
        await limits.change(VALUE, Decimal(20_000), typed="LOOSEN max_order_value")
    assert holds(limits) == 10_000  # nothing looser without a trace
    with pytest.raises(StoreError):
        await limits.change(VALUE, Decimal(5000))
    assert holds(limits) == 5000  # tighter holds whatever happens


async def test_two_changes_of_one_instant_both_hold(store) -> None:
    limits = await desk(store)
    await asyncio.gather(limits.change(VALUE, Decimal(5000)), limits.change(WINDOW, Decimal(9)))
    assert holds(limits) == 5000
    assert limits.book.account.duplicate_window_s == 9


async def test_a_looser_settings_file_waits_over_starts(store) -> None:
    await desk(store)
    looser = BASE.changed(VALUE, Decimal(50_000))
    for _ in range(2):
        limits = await desk(store, written=looser)
        assert holds(limits) == 10_000
        [waits] = limits.waiting()
        assert (waits.place, waits.in_force, waits.wanted) == (VALUE, 10_000, 50_000)
    with pytest.raises(LimitChangeError):
        await limits.change(VALUE, Decimal(50_000))
    await limits.change(VALUE, Decimal(50_000), typed="LOOSEN max_order_value")
    assert not limits.waiting()
    again = await desk(store, written=looser)
    assert holds(again) == 50_000
    assert not again.waiting()


async def test_a_rule_left_out_of_the_file_waits_too(store) -> None:
    await desk(store, written=BASE.changed(ACME, Decimal(100)))
    limits = await desk(store)
    assert holds(limits) == 100
    assert [waits.wanted for waits in limits.waiting()] == [None]


async def test_what_was_tightened_here_stays_tight(store) -> None:
    limits = await desk(store)
    await limits.change(VALUE, Decimal(5000))
    again = await desk(store)
    assert holds(again) == 5000
    assert [waits.place for waits in again.waiting()] == [VALUE]


async def test_what_was_loosened_here_ends_with_the_session(store) -> None:
    limits = await desk(store)
    await limits.change(VALUE, Decimal(20_000), typed="LOOSEN max_order_value")
    assert holds(await desk(store)) == 10_000
    assert (await last(store))["by"] == "settings file"


async def test_a_tighter_file_holds_at_once(store) -> None:
    await desk(store)
    limits = await desk(store, written=BASE.changed(VALUE, Decimal(500)))
    assert holds(limits) == 500
    assert not limits.waiting()


async def test_on_paper_the_file_is_what_holds(store) -> None:
    limits = await desk(store, PAPER)
    await limits.change(VALUE, Decimal(5000))
    assert holds(await desk(store, PAPER)) == 10_000


async def test_what_can_not_be_read_is_never_looser_than_the_house(store) -> None:
    await store.record("limits", "LIVE", 1, {"after": {"max_order_value": "plenty"}})
    limits = await desk(store, written=BASE.changed(VALUE, Decimal(50_000)))
    assert holds(limits) == 10_000
