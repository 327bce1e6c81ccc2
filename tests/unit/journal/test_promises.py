"""What the journal promises of its money, each under its own name."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.adapters.faults import FaultKind
from cockpit.adapters.storage import open_store
from cockpit.adapters.storage.inline import template
from cockpit.adapters.storage.store import SqliteStore
from cockpit.app.bookkeeping.importing import Ask, book, prepare
from cockpit.app.simulation import simulation
from cockpit.app.simulation.process import Process
from cockpit.app.simulation.scenario import scenario_of
from cockpit.app.simulation.world import ACCOUNT, VENUE, World
from cockpit.domain.fill import Fill
from cockpit.domain.trade import Direction
from cockpit.journal.ledger import Ledger, match_fifo, realised_gross
from cockpit.kernel import log
from tests.support.fills import fill

D = Decimal
NANO = D("1e-9")

STORY = st.lists(
    st.tuples(
        st.integers(-50, 50).filter(bool),
        st.decimals("0.01", "900", places=4),
        st.decimals("-1", "9", places=4),  # a rebate is a fee below zero
    ),
    max_size=25,
)
Story = list[tuple[int, Decimal, Decimal]]


def told(story: Story, multiplier: int = 1) -> tuple[list[Fill], Ledger]:
    made = [
        fill(n, f"{size} @ {price}", fee=str(fee)) for n, (size, price, fee) in enumerate(story)
    ]
    return made, match_fifo(made, {"XXX": D(multiplier)})


def cash_of(fills: Sequence[Fill], multiplier: int = 1) -> Decimal:
    return sum((-f.side.sign * f.quantity * f.price * multiplier for f in fills), D(0))


def cost_of_lots(ledger: Ledger, multiplier: int = 1) -> Decimal:
    sign = {Direction.LONG: 1, Direction.SHORT: -1}
    return sum(
        (sign[lot.direction] * lot.quantity * lot.price * multiplier for lot in ledger.open_lots),
        D(0),
    )


def fees_of(ledger: Ledger) -> Decimal:
    return sum((t.fees for t in (*ledger.trades, *ledger.open_trades)), D(0))


@given(STORY, st.sampled_from([1, 100]))
def test_fifo_pnl_sums_to_cash_flow(story: Story, multiplier: int) -> None:
    made, ledger = told(story, multiplier)
    realised = realised_gross(ledger)
    assert abs(realised - cost_of_lots(ledger, multiplier) - cash_of(made, multiplier)) < NANO


@given(STORY)
def test_fees_are_conserved(story: Story) -> None:
    made, ledger = told(story)
    assert fees_of(ledger) == sum((f.fee for f in made), D(0))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["AB", "CD"]),
        st.sampled_from(["buy", "sell"]),
        st.integers(1, 9),
        st.sampled_from(["10", "10.5", "11.25"]),
        st.integers(0, 3),  # seconds: many fall on one and the same
    ),
    min_size=1,
    max_size=12,
)
Row = tuple[str, str, int, str, int]


def table(rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Date", "Time", "Symbol", "Side", "Qty", "Price"])
    for symbol, side, size, price, second in rows:
        writer.writerow(["2023-01-05", f"10:00:0{second}", symbol, side, size, price])
    return out.getvalue()


async def imported(store: SqliteStore, folder: Path, text: str) -> int:
    file = folder / "t.csv"
    file.write_text(text)
    ask = Ask(file=file, account="mine")
    return (await book(store, store, ask, prepare(folder, ask))).booked


@settings(max_examples=25)
@given(ROWS)
def test_a_second_import_changes_nothing(rows: list[Row]) -> None:
    """Whole, and also when the first export ended earlier: then only the rest is new."""
    ordered = sorted(rows, key=lambda row: row[4])

    async def check() -> None:
        with tempfile.TemporaryDirectory() as named:
            folder = Path(named)
            store = await open_store(folder / "ledger.db")
            try:
                half = ordered[: len(ordered) // 2]
                first = await imported(store, folder, table(half)) if half else 0
                assert first == len(half)
                assert await imported(store, folder, table(ordered)) == len(ordered) - first
                before = await store.imported("mine")
                assert len(before) == len(ordered)
                later = [row for row in ordered if row[4] > 1]  # an export that begins later
                for again in (ordered, half, ordered[::-1], later):
                    assert not again or await imported(store, folder, table(again)) == 0
                assert await store.imported("mine") == before
            finally:
                await store.close()

    asyncio.run(check())


def agreement(world: World, process: Process) -> None:
    """Journal, portfolio, ledger and venue hold the same fills and the same money."""
    stored = {f.execution_id: f for f in world.disk.standing_fills(ACCOUNT)}
    journal = {f.execution_id: f for f in process.journal.fills()}
    assert journal == stored
    theirs = sorted((e.symbol, e.side.sign * e.quantity, e.price, e.fee)
                    for e in world.venue.all_executions)  # fmt: skip
    ours = sorted((f.symbol, f.signed_quantity, f.price, f.fee) for f in stored.values())
    assert ours == theirs
    ledger, portfolio = process.journal.ledger, process.desk.portfolio
    by_journal = realised_gross(ledger) - fees_of(ledger) - cost_of_lots(ledger)
    by_portfolio = sum((p.realised - p.fees - p.cost for p in portfolio.positions()), D(0))
    by_venue = world.venue.cash - VENUE.starting_cash
    assert abs(by_journal - by_venue) < NANO
    assert abs(by_portfolio - by_venue) < NANO
    for symbol in world.scenario.symbols:
        held = sum((lot.quantity * (1 if lot.direction is Direction.LONG else -1)
                    for lot in process.journal.lots(symbol)), D(0))  # fmt: skip
        assert held == portfolio.position(symbol).quantity == world.venue.held(symbol)


UNEXPLAINED = {FaultKind.BUST, FaultKind.SPLIT}
"""A split and a bust that nobody heard of are accepted by a person, at a cost that is a guess."""


@pytest.mark.parametrize("faults", [frozenset(), frozenset(FaultKind) - UNEXPLAINED])
def test_journal_equals_portfolio_equals_broker_ledger_after_any_simulated_day(
    monkeypatch: pytest.MonkeyPatch, faults: frozenset[FaultKind]
) -> None:
    settled = simulation.check_settled
    traded = 0

    def both(world: World, process: Process) -> None:
        nonlocal traded
        if not world.accepted:
            agreement(world, process)
            traded += len(process.journal.ledger.trades)
        settled(world, process)

    monkeypatch.setattr(simulation, "check_settled", both)
    image = template()
    with log.silenced():
        for seed in range(71_000, 71_025):
            outcome = simulation.run_scenario(scenario_of(seed, faults), image)
            assert outcome.passed, f"seed {seed} {outcome.invariant}: {outcome.text}"
    assert traded > 20
