"""Recaps of every kind: their facts, their periods, and that no text which ships can lie."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.store import SqliteStore
from cockpit.adapters.writers.template import TemplateWriter
from cockpit.adapters.writers.template.blocks import load_blocks, load_frame
from cockpit.adapters.writers.template.writer import KINDS as WRITTEN
from cockpit.adapters.writers.template.writer import flags_of, list_of, mood_of
from cockpit.domain.fact import Fact
from cockpit.domain.fill import Fill
from cockpit.domain.order import OrderState
from cockpit.kernel.clock import VirtualClock
from cockpit.kernel.resources import resource
from cockpit.ports.entries import JournalEntry
from cockpit.ports.writer import Draft, DraftRequest
from cockpit.recap.check import objections_to
from cockpit.recap.desk import RecapDesk
from cockpit.recap.errors import RecapError
from cockpit.recap.kinds import KINDS, days_of, period_of, period_on
from cockpit.recap.material import Headline, Material, SymbolDay
from cockpit.recap.trade_facts import columns_of, trade_rows
from cockpit.recap.voice import load_voice
from tests.support.fills import NINE_THIRTY, fill, fills
from tests.support.recap_facts import (
    DAY,
    NIGHT,
    PERIODS,
    book_of,
    excursion,
    facts_of,
    market_of,
    order,
    planned,
)

FRAME = load_frame(resource("voice/owner.toml"))
VOICE = load_voice()
WEDNESDAY = NINE_THIRTY + NIGHT


def week() -> list[Fill]:
    """A day that wins, then one that loses, and what stays open after it."""
    return [
        *fills("+10 @ 10", "-10 @ 12", fee="1"),
        *(fill(n, t, fee="1", ts_ns=WEDNESDAY + n) for n, t in ((3, "+10 @ 10"), (4, "-10 @ 6"))),
        fill(5, "+3 @ 5", symbol="B", ts_ns=WEDNESDAY + 5),
    ]


def texts(facts: dict[str, Fact]) -> dict[str, str]:
    return {id_: fact.text for id_, fact in facts.items()}


# facts


def test_a_week_sets_its_days_beside_each_other() -> None:
    facts = facts_of("weekly", Material(book=book_of(week())))
    expected = {
        "date": "Monday, 1 January 2018 to Sunday, 7 January 2018", "net": "-$24.00",
        "gross": "-$20.00", "fees": "$4.00", "trades": "2 trades", "days": "2 trading days",
        "winning_days": "1 winning day", "losing_days": "1 losing day", "best_day": "+$18.00",
        "best_day.date": "Tuesday, 2 January 2018", "worst_day": "-$42.00",
        "day.2018-01-03.net": "-$42.00", "day.2018-01-02.trades": "1 trade",
        "largest_loss.date": "Wednesday, 3 January 2018", "open.1": "long 3 B",
    }  # fmt: skip
    assert {id_: facts[id_].text for id_ in expected} == expected
    assert facts["net"].period == "2018-W01"
    assert facts["day.2018-01-02.net"].period == "2018-01-02"
    assert facts["worst_day"].provenance == ("x3", "x4", "x5")
    required = {id_ for id_, fact in facts.items() if fact.required}
    assert required == {
        "net",
        "fees",
        "trades",
        "losses",
        "losing_days",
        "largest_loss",
        "worst_day",
    }
    rows = trade_rows(facts.values())
    assert columns_of(rows)[0] == ("date", "Day")
    assert rows[0]["date"].text == "Tuesday, 2 January 2018"


def test_a_line_that_begins_with_a_day_is_of_that_day() -> None:
    facts = facts_of("weekly", Material(book=book_of(week())))

    def said(figure: str) -> list[str]:
        body = f"{{{{fact:day.2018-01-03.date}}}}: {{{{fact:{figure}}}}}"
        told = objections_to(Draft(title="Week", body=body, writer="w"), facts)
        return [objection for objection in told if "alone" in objection]

    assert said("net") == ["net is not of day.2018-01-03 alone"]
    assert said("day.2018-01-03.net") == []


def test_a_week_adds_up_to_its_days() -> None:
    for seed in range(20):
        facts = PERIODS["weekly"](Random(seed))
        days = [
            f.value for id_, f in facts.items() if id_.startswith("day.") and id_.endswith("net")
        ]
        assert sum(day for day in days if day is not None) == facts["net"].value


def test_runs_of_losses_leave_scratches_aside() -> None:
    story = fills("+1 @ 9", "-1 @ 8", "+1 @ 9", "-1 @ 9", "+1 @ 9", "-1 @ 8", "+1 @ 9", "-1 @ 10")
    facts = facts_of("weekly", Material(book=book_of(list(story))))
    assert facts["loss_streak"].text == "2 losses in a row"
    assert "win_streak" not in facts


def test_a_post_mortem_tells_plan_and_way() -> None:
    book = book_of([fill(1, "+10 @ 10", stop="9", fee="1"), fill(2, "-10 @ 12", fee="1")])
    (trade,) = book.trades()
    chance = Random(3)
    material = Material(
        book=book, trade=trade, plan=planned(trade, chance), excursion=excursion(trade, chance)
    )
    facts = facts_of("post-mortem", material)
    assert texts(facts).items() >= {
        "symbol": "XXX", "quantity": "10 shares", "entry": "10.00", "exit": "12.00",
        "net": "+$18.00", "r": "+1.80R", "risk": "$10.00", "hold": "1 min", "opened": "09:31",
        "asked": "9.93", "exits": "1 closing fill",
    }.items()  # fmt: skip
    required = {id_ for id_, fact in facts.items() if fact.required}
    assert required == {"symbol", "entry", "exit", "net", "fees", "r"}
    assert facts["given_back"].value == facts["favourable"].value - trade.gross  # type: ignore[operator]
    assert all(f.provenance for id_, f in facts.items() if f.value is not None)
    bare = facts_of("post-mortem", replace(material, plan=None, excursion=None))
    assert not {"stop", "target", "adverse", "given_back"} & bare.keys()


def test_a_trade_over_days_is_of_neither_day() -> None:
    book = book_of([fill(1, "+1 @ 10"), fill(2, "-1 @ 12", ts_ns=WEDNESDAY)])
    material = Material(book=book, trade=book.trades()[0])
    facts = facts_of("post-mortem", material)
    assert facts["net"].period == "2018-01-02/2018-01-03"
    assert facts["closed.date"].text == "Wednesday, 3 January 2018"
    assert period_of("post-mortem", DAY, material) == "2018-01-03"
    said = Draft(title="t", body="Today it came to {{fact:net}}.", writer="w")
    assert any("not the period" in why for why in objections_to(said, facts))


async def test_a_trade_over_days_tells_the_day_of_each_end(store: SqliteStore) -> None:
    book = book_of([fill(1, "+1 @ 10"), fill(2, "-1 @ 12", ts_ns=WEDNESDAY)])
    material = Material(book=book, trade=book.trades()[0])
    recap = await desk_of(store, TemplateWriter()).draft("post-mortem", DAY, material)
    assert "opened on Tuesday, 2 January 2018 at" in recap.markdown
    assert "closed on Wednesday, 3 January 2018 at" in recap.markdown


def test_a_devlog_tells_what_did_not_go_through() -> None:
    chance = Random(1)
    states = [OrderState.FILLED] * 3 + [OrderState.DENIED] * 2 + [OrderState.UNKNOWN]
    orders = [order(n, chance, state) for n, state in enumerate(states)]
    late = order(99, chance, OrderState.REJECTED)
    late = type(late)(**{f: getattr(late, f) for f in late.__struct_fields__} | {
        "created_ns": NINE_THIRTY + 9 * NIGHT, "updated_ns": NINE_THIRTY + 9 * NIGHT})  # fmt: skip
    facts = facts_of("devlog", Material(book=book_of([]), orders=[*orders, late], version="1"))
    assert texts(facts).items() >= {
        "orders": "6 orders", "denied": "2 denied orders", "rejected": "0 rejected orders",
        "unknown": "1 unanswered order", "fill_rate": "75.0%", "version": "Cockpit 1",
    }.items()  # fmt: skip
    assert facts["denied"].provenance == ("o3", "o4")
    assert {"orders", "denied", "rejected", "unknown", "net", "fees"} == {
        id_ for id_, fact in facts.items() if fact.required
    }


def day_in_the_market(symbol: str, close: str, before: str | None) -> SymbolDay:
    return SymbolDay(
        symbol=symbol, open=Decimal(10), high=Decimal(12), low=Decimal(8), close=Decimal(close),
        volume=Decimal(1000), previous_close=None if before is None else Decimal(before),
        source="toy",
    )  # fmt: skip


def test_a_digest_counts_both_sides_and_names_its_sources() -> None:
    market = [
        day_in_the_market("UP", "11", "10"), day_in_the_market("DOWN", "9", None),
        day_in_the_market("SAME", "10", "10"),
    ]  # fmt: skip
    facts = facts_of("digest", Material(book=book_of([]), market=market))
    assert texts(facts).items() >= {
        "rising": "1 symbol up", "falling": "1 symbol down", "unchanged": "1 symbol unchanged",
        "strongest": "+10.00%", "weakest": "-10.00%", "weakest.symbol": "DOWN",
        "symbol.UP.change": "+10.00%", "symbol.SAME.change": "0.00%", "symbol.UP.close": "11.00",
    }.items()  # fmt: skip
    assert "the open" in facts["symbol.DOWN.change"].definition
    assert facts["symbol.UP.change"].provenance == ("UP: toy",)


# periods


def test_each_kind_has_its_period() -> None:
    assert {kind: period_on(kind, DAY) for kind in KINDS} == {
        "daily": DAY, "weekly": "2018-W01", "digest": DAY, "devlog": "2018-W01", "post-mortem": DAY,
    }  # fmt: skip
    assert days_of("2018-W01")[0] == "2018-01-01"
    assert len(days_of("2018-W01")) == 7
    assert tuple(WRITTEN) == tuple(KINDS)


@pytest.mark.parametrize(("kind", "words"), [("digest", "no market"), ("post-mortem", "none was")])
def test_what_is_missing_is_said(kind: str, words: str) -> None:
    with pytest.raises(RecapError) as caught:
        period_of(kind, DAY, Material(book=book_of([])))
    assert words in caught.value.user_text


# texts


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_that_ships_can_lie(kind: str) -> None:
    blocks, ends = load_blocks(resource(f"templates/{kind}.toml")), FRAME.of(kind)
    for seed in range(8):
        facts = PERIODS[kind](Random(seed))
        mood = mood_of(facts)
        flags = flags_of(facts, mood)
        said = {
            text for paragraph in blocks.paragraph for sentence in paragraph.sentence
            if flags.issuperset(sentence.when) for text in sentence.text
        }  # fmt: skip
        said |= {list_of(lines, facts) for lines in blocks.list}
        said |= {*ends.intro[mood], *ends.closing[mood]}
        for text in said - {""}:
            assert objections(text, facts) == [], text
        for title in blocks.title[mood]:
            assert objections("b", facts, title) == [], title


async def test_a_trade_that_came_to_nothing_has_its_post_mortem(store: SqliteStore) -> None:
    book = book_of(fills("+10 @ 10", "-10 @ 10", fee="0"))
    (trade,) = book.trades()
    recap = await desk_of(store, TemplateWriter()).draft(
        "post-mortem", DAY, Material(book=book, trade=trade)
    )
    assert "came to nothing" in recap.markdown


def objections(text: str, facts: dict[str, Fact], title: str = "t") -> list[str]:
    draft = Draft(title=title, body=text, writer="w")
    return [why for why in objections_to(draft, facts, own=True) if "must appear" not in why]


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_facts_give_the_same_bytes(kind: str) -> None:
    facts = tuple(PERIODS[kind](Random(5)).values())
    request = DraftRequest(kind=kind, day=DAY, facts=facts)
    drafts = [await TemplateWriter().draft(request) for _ in range(2)]
    assert drafts[0] == drafts[1]
    assert objections_to(drafts[0], {fact.id: fact for fact in facts}, own=True) == ()


# the desk


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await open_store(tmp_path / "cockpit.db")
    yield opened
    await opened.close()


class Listening(TemplateWriter):
    """The template writer, noting what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[DraftRequest] = []

    async def draft(self, request: DraftRequest) -> Draft:
        self.asked.append(request)
        return await super().draft(request)


def desk_of(store: SqliteStore, writer: TemplateWriter) -> RecapDesk:
    return RecapDesk(store, writer, writer, VirtualClock(NINE_THIRTY))


async def test_a_correction_makes_the_week_stale_and_no_digest(store: SqliteStore) -> None:
    desk, book = desk_of(store, TemplateWriter()), book_of(week())
    market = [day_in_the_market("UP", "11", "10"), day_in_the_market("DOWN", "9", "10")]
    material = Material(book=book, market=market)
    for kind in ("daily", "weekly", "digest", "devlog"):
        await desk.draft(kind, DAY, material)
    await store.mark_recaps_stale("DEMO-1", "2018-01-03")
    stale = {recap.kind for recap in await store.recaps("DEMO-1") if recap.stale}
    assert stale == {"weekly", "devlog"}


async def test_a_recap_knows_that_its_facts_moved_on(store: SqliteStore) -> None:
    desk, book = desk_of(store, TemplateWriter()), book_of(week())
    material = Material(book=book)
    recap = await desk.draft("weekly", DAY, material)
    assert desk.is_of_now(recap, material)
    book.add(fill(9, "-3 @ 6", symbol="B", ts_ns=WEDNESDAY + 9))
    assert not desk.is_of_now(recap, material)


async def test_notes_go_along_where_they_belong(store: SqliteStore) -> None:
    book = book_of(week())
    (trade, *_) = book.trades()
    for day, note in ((DAY, "tired"), ("2018-01-03", "late")):
        await store.save_entry(JournalEntry(account_id="DEMO-1", day=day, drafted="", note=note))
    own = JournalEntry(
        account_id="DEMO-1", day=DAY, drafted="", note="greed", trade_id=trade.trade_id
    )
    await store.save_entry(own)
    writer = Listening()
    desk = desk_of(store, writer)
    market = [day_in_the_market("UP", "11", "10")]
    plan = planned(trade, Random(1))
    material = Material(book=book, trade=trade, plan=plan, market=market)
    for kind in KINDS:
        await desk.write(kind, DAY, material)
    assert {request.kind: request.notes for request in writer.asked} == {
        "daily": ("tired",), "weekly": ("tired", "late"), "digest": (), "devlog": (),
        "post-mortem": ("break of the range", "greed"),
    }  # fmt: skip


async def test_headlines_are_quoted_or_left_out(store: SqliteStore) -> None:
    lines = [
        Headline(text="Up 90% *today*", publisher="Wire", ts_event=NINE_THIRTY),
        Headline(text="Stocks \u2014 a view", publisher="Wire", ts_event=NINE_THIRTY),
    ]
    market = [day_in_the_market("UP", "11", "10")]
    material = Material(book=book_of([]), market=market, headlines=lines)
    recap = await desk_of(store, TemplateWriter()).write("digest", DAY, material)
    assert '"Up 90% \\*today\\*" (Wire, 09:30)' in recap.markdown
    assert "a view" not in recap.markdown


def test_what_a_headline_says_is_nobodys_figure() -> None:
    facts = market_of(Random(2))
    assert "news.1.headline" in facts
    said = Draft(title="t", body="As reported, shares surged 90%.", writer="w")
    assert objections_to(said, facts)
