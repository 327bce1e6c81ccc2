"""A real statement written in another way is the same statement: same trades, same keys."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

from cockpit.domain.imported import Booking, CashMovement
from cockpit.journal.imported import ImportedBook
from cockpit.journal.statements.booking import bookings_of
from cockpit.journal.statements.errors import StatementError
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Statement, Verdict
from tests.support.statement_variants import FIGURES, TABLE, UNSORTED, WRITING, Sheet, sheet

FLAT = {
    "tradenote_tradezero/executions.csv": 0,
    "tastytrade_uso_reverse_split/transactions.csv": 0,
    "schwab_basic/transactions/Brokerage_Transactions_20201115-180021.CSV": 1,
    "schwab_basic/transactions/EAC_Checking_Transactions_20201223-160009.CSV": 1,
    "schwab_basic/transactions/Intelligent_Transactions_20201115-180120.CSV": 1,
    "reds_importers/fidelity_csv_all_accounts_transactions_20251204.csv": 0,
    "reds_importers/schwab_csv_brokerage_XX876_Transactions_20220731.csv": 1,
    "cgt_calc_raw_csv_uk/test_data.csv": 0,
    "cgt_calc_raw_csv_uk/test_data_2.csv": 0,
    "cgt_calc_schwab_cash_merger_uk/transactions.csv": 0,
}
"""Statements of one table, and where its heading stands."""
SECTIONED = {
    "tradenote_td_ameritrade/statement.csv": 2,
    "cgt_calc_ibkr_transaction_history_uk/test_basic.csv": 0,
}
NO_ORDER_WITHIN_A_DAY = {
    "cgt_calc_raw_csv_uk/test_data.csv",  # two prices on one day: which lot is first is not told
}


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "broker_statements"


def read(raw: bytes) -> Statement:
    return read_statement(raw)


def told(statement: Statement) -> dict[str, object]:
    """What a trader would compare: trades, what is held at which cost, cash, what lacks."""
    by_account: defaultdict[str, list[Booking]] = defaultdict(list)
    for found in bookings_of(statement):
        by_account[found.booking.account_id].append(found.booking)
    return {account: _of_book(ImportedBook(account, b)) for account, b in by_account.items()}


def _of_book(book: ImportedBook) -> object:
    trades = [(t.symbol, t.direction, t.quantity, round(t.gross, 6), t.fees, t.entry_price)
              for t in book.trades.trades()]  # fmt: skip
    held = [(lot.symbol, lot.direction, lot.quantity, round(lot.price, 6))
            for t in book.trades.open_trades() for lot in t.lots]  # fmt: skip
    cash = sum(b.entry.amount for b in book.cash if isinstance(b.entry, CashMovement))
    lacking = sorted((miss.symbol, miss.quantity) for miss in book.unmatched)
    return sorted(trades), sorted(held), cash, lacking


def keys(statement: Statement) -> list[str]:
    return sorted(found.booking.key for found in bookings_of(statement))


def same(one: Statement, other: Statement) -> None:
    assert other.format == one.format
    assert keys(other) == keys(one)  # a second import of it books nothing
    assert told(other) == told(one)
    for verdict in (Verdict.BOOKED, Verdict.REVIEW, Verdict.UNKNOWN):
        assert len(other.of(verdict)) == len(one.of(verdict))


@pytest.mark.parametrize("name", [*FLAT, *SECTIONED])
@pytest.mark.parametrize("variant", WRITING)
def test_how_a_file_is_written_changes_nothing(folder: Path, name: str, variant: str) -> None:
    raw = (folder / name).read_bytes()
    original = sheet(raw, {**FLAT, **SECTIONED}[name])
    same(read(raw), read(WRITING[variant](original, Random(name)).raw))


@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize("variant", [*TABLE, *FIGURES])
def test_how_a_table_is_laid_out_changes_nothing(folder: Path, name: str, variant: str) -> None:
    raw = (folder / name).read_bytes()
    changed = {**TABLE, **FIGURES}[variant]
    same(read(raw), read(changed(sheet(raw, FLAT[name]), Random(name)).raw))


@pytest.mark.parametrize("name", sorted(set(FLAT) - NO_ORDER_WITHIN_A_DAY))
@pytest.mark.parametrize("seed", range(3))
def test_rows_may_come_in_any_order(folder: Path, name: str, seed: int) -> None:
    raw = (folder / name).read_bytes()
    [shuffled] = UNSORTED.values()
    same(read(raw), read(shuffled(sheet(raw, FLAT[name]), Random(seed)).raw))


@pytest.mark.parametrize("name", FLAT)
@pytest.mark.parametrize("seed", range(6))
def test_variations_together_change_nothing(folder: Path, name: str, seed: int) -> None:
    raw = (folder / name).read_bytes()
    chance = Random(f"{name}{seed}")
    varied: Sheet = sheet(raw, FLAT[name])
    for variants, count in ((FIGURES, 1), (TABLE, 3), (WRITING, 1)):
        for variant in chance.sample(sorted(variants), count):
            varied = variants[variant](varied, chance)
    same(read(raw), read(varied.raw))


JUNK = (
    "", "-", "0", "1e99", "NaN", "9" * 20, "abc", '"', "=", "1,2", "(5", "12/31/9999", "00/00/0000",
    "2023-13-45", "$", "\u221e", "A" * 300, "1.5.2", "<x>", "Total", "{", "0.0000000000001", "-0",
)  # fmt: skip


def broken(text: str, chance: Random) -> str:
    """The same with some cells, lines or places of lines that make no sense."""
    lines = text.split("\n")
    for _ in range(chance.randrange(1, 6)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        cells = lines[at].split(",")
        cells[chance.randrange(len(cells))] = chance.choice(JUNK)
        match chance.randrange(4):
            case 0:
                lines[at], lines[other] = lines[other], lines[at]
            case 1:
                lines.insert(at, lines[other])
            case _:
                lines[at] = ",".join(cells)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_a_broken_file_is_refused_or_read_but_never_a_failure(folder: Path, seed: int) -> None:
    samples = Path(__file__).parent / "samples"
    files = [*(folder / name for name in (*FLAT, *SECTIONED)), *samples.rglob("*.*")]
    refused = 0
    for number in range(100):
        chance = Random(f"{seed} {number}")
        text = broken(chance.choice(files).read_text("utf-8-sig"), chance)
        try:
            told(read(text.encode()))
        except StatementError:
            refused += 1
    assert refused < 50


def test_a_trade_of_nothing_is_for_a_person_to_see(folder: Path) -> None:
    text = (folder / "tradenote_tradezero/executions.csv").read_text()
    [line] = read(text.replace("RBLX,25,49.65", "RBLX,0,49.65").encode()).of(Verdict.REVIEW)
    assert "nothing" in line.reason
