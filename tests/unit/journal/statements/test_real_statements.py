"""Real statements: no silent line, and the broker's own sums to the cent."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.domain.imported import Booking, CashMovement, Execution
from cockpit.journal.imported import ImportedBook
from cockpit.journal.statements.booking import bookings_of
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Statement, Verdict

D = Decimal

FILES = {
    "tradenote_tradezero/executions.csv": "tradezero",
    "tradenote_td_ameritrade/statement.csv": "thinkorswim",
    "tastytrade_uso_reverse_split/transactions.csv": "tastytrade",
    "schwab_basic/positions/All-Accounts-Positions-2020-11-15.CSV": "schwab-positions",
    "schwab_basic/positions/Intelligent-Positions-2020-11-30.CSV": "schwab-positions",
    "schwab_basic/transactions/Brokerage_Transactions_20201115-180021.CSV": "schwab",
    "schwab_basic/transactions/Brokerage_Transactions_20201130-180000.CSV": "schwab",
    "schwab_basic/transactions/EAC_Checking_Transactions_20201223-160009.CSV": "schwab-bank",
    "schwab_basic/transactions/Intelligent_Transactions_20201115-180120.CSV": "schwab",
    "reds_importers/fidelity_csv_all_accounts_transactions_20251204.csv": "fidelity",
    "reds_importers/schwab_csv_brokerage_XX876_Transactions_20220731.csv": "schwab",
    "reds_importers/etrade_09092023.QFX": "ofx",
    "cgt_calc_ibkr_transaction_history_uk/test_basic.csv": "ibkr",
    "cgt_calc_raw_csv_uk/test_data.csv": "table",
    "cgt_calc_raw_csv_uk/test_data_2.csv": "table",
    "cgt_calc_schwab_cash_merger_uk/transactions.csv": "schwab",
}


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "broker_statements"


def read(path: Path) -> Statement:
    return read_statement(path.read_bytes())


def books(statement: Statement) -> dict[str, ImportedBook]:
    by_account: defaultdict[str, list[Booking]] = defaultdict(list)
    for found in bookings_of(statement):
        by_account[found.booking.account_id].append(found.booking)
    return {account: ImportedBook(account, every) for account, every in by_account.items()}


def only(statement: Statement) -> ImportedBook:
    [book] = books(statement).values()
    return book


@pytest.mark.parametrize(("name", "kind"), FILES.items())
def test_every_line_has_a_verdict(folder: Path, name: str, kind: str) -> None:
    statement = read(folder / name)
    assert statement.format == kind
    assert all(line.reason for line in statement.lines if line.verdict is not Verdict.BOOKED)
    if kind == "ofx":
        return
    text = (folder / name).read_text("utf-8-sig")
    filled = {n for n, line in enumerate(text.splitlines(), 1) if line.strip('", ')}
    assert {line.number for line in statement.lines} >= filled


def test_tradezero_sums_are_the_brokers(folder: Path) -> None:
    expected = json.loads((folder / "tradenote_tradezero/expected.json").read_text())
    book = only(read(folder / "tradenote_tradezero/executions.csv"))
    for symbol, told in expected["symbols"].items():
        trades = [t for t in book.trades.trades() if t.symbol == symbol]
        assert sum(t.gross for t in trades) == D(str(told["gross"]))
        assert sum(t.net for t in trades) == D(str(told["net"]))
        assert sum(len(t.execution_ids) for t in trades) == told["executions"]
    assert not book.trades.open_trades()


def test_thinkorswim_sums_are_the_brokers_and_its_total_is_doubted(folder: Path) -> None:
    expected = json.loads((folder / "tradenote_td_ameritrade/expected.json").read_text())
    statement = read(folder / "tradenote_td_ameritrade/statement.csv")
    trades = only(statement).trades.trades()
    assert {t.symbol: t.gross for t in trades} == {
        symbol: D(str(gross)) for symbol, gross in expected["gross_pnl"].items()
    }
    assert sum(t.fees for t in trades) == D(str(expected["misc_fees_printed"]))
    assert len(statement.of(Verdict.BOOKED)) == expected["fills"]
    assert "18.05" in statement.warnings[0]


def test_tastytrade_carries_the_cost_through_a_reverse_split(folder: Path) -> None:
    book = only(read(folder / "tastytrade_uso_reverse_split/transactions.csv"))
    trades = book.trades.trades()
    assert sorted(t.gross for t in trades) == [D(-144), D(270)]
    assert not book.trades.open_trades()
    assert not book.unmatched


def test_schwab_options_cost_what_their_amounts_say(folder: Path) -> None:
    path = folder / "schwab_basic/transactions/Intelligent_Transactions_20201115-180120.CSV"
    book = only(read(path))
    nets = {t.symbol: t.net for t in book.trades.trades()}
    assert nets == {
        "SMAL200401P00032000": D("1565.32") - D("1253.65"),
        "SMAL200619P00010000": D("847.33") - D("6.65"),
    }
    held = {t.symbol: t.quantity for t in book.trades.open_trades()}
    assert held == {"SCHA": 122 - 81, "FNDA": 139 - 71, "SMAL200403C00083000": 2}


def test_schwab_cash_merger_sells_for_its_money(folder: Path) -> None:
    book = only(read(folder / "cgt_calc_schwab_cash_merger_uk/transactions.csv"))
    [trade] = book.trades.trades()
    assert trade.net == D(1000) - D(2506)


def test_what_was_held_before_the_statement_makes_no_short(folder: Path) -> None:
    name = "reds_importers/fidelity_csv_all_accounts_transactions_20251204.csv"
    book = books(read(folder / name))["fidelity-333333333"]
    assert {miss.symbol for miss in book.unmatched} == {"VVV", "44244CCF2"}
    assert {t.symbol: t.direction.value for t in book.trades.open_trades()} == {
        "WM": "long",
        "VTEB": "long",
        "412003AD7": "long",
    }


def test_interactive_brokers_cash_and_position(folder: Path) -> None:
    book = only(read(folder / "cgt_calc_ibkr_transaction_history_uk/test_basic.csv"))
    [held] = book.trades.open_trades()
    assert (held.symbol, held.quantity) == ("CNX1", 2)
    [exit_] = book.trades.exits()
    assert exit_.gross == D(2)
    cash = sum(b.entry.amount for b in book.cash if isinstance(b.entry, CashMovement))
    traded = D(1999) - D(4003)
    assert round(cash + traded, 2) == D("3027.40")


def test_a_split_keeps_what_a_table_paid(folder: Path) -> None:
    book = only(read(folder / "cgt_calc_raw_csv_uk/test_data.csv"))
    [amzn] = [t for t in book.trades.open_trades() if t.symbol == "AMZN"]
    assert amzn.quantity == 210
    assert sum(lot.quantity * lot.price for lot in amzn.lots) == pytest.approx(D(2480))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("test_data.csv", "expected_output.txt"), ("test_data_2.csv", "expected_output_2.txt")],
)
def test_a_table_ends_with_the_expected_portfolio_and_balance(
    folder: Path, name: str, expected: str
) -> None:
    """FB was renamed to META while it was held."""
    text = (folder / "cgt_calc_raw_csv_uk" / expected).read_text()
    portfolio = {
        symbol: D(units) for symbol, units in re.findall(r"^  (\w+): ([\d.]+)$", text, re.MULTILINE)
    }
    [balance] = re.findall(r"Unknown: (-?[\d.]+) \(USD\)", text)
    statement = read(folder / "cgt_calc_raw_csv_uk" / name)
    book = only(statement)
    assert {t.symbol: t.quantity for t in book.trades.open_trades()} == portfolio
    assert all(t.direction.value == "long" for t in book.trades.open_trades())
    assert round(balance_of(statement), 2) == D(balance)


def balance_of(statement: Statement) -> Decimal:
    entries = [found.booking.entry for found in bookings_of(statement)]
    cash = sum((e.amount for e in entries if isinstance(e, CashMovement)), D(0))
    traded = [
        -e.side.sign * e.quantity * e.price * e.multiplier - e.fee
        for e in entries
        if isinstance(e, Execution)
    ]
    return cash + sum(traded, D(0))


def test_cash_of_a_schwab_statement_is_its_printed_total(folder: Path) -> None:
    name = "reds_importers/schwab_csv_brokerage_XX876_Transactions_20220731.csv"
    statement = read(folder / name)
    assert not statement.warnings  # its own total is the sum of its lines
    assert round(balance_of(statement), 2) == D("-1574.04")


def test_etrade_and_fidelity_agree_with_what_another_importer_booked(folder: Path) -> None:
    """Cash by day in the extracts of reds-importers: each of its lines that moves dollars."""
    names = {
        "etrade_09092023.QFX": "Etrade",
        "fidelity_csv_all_accounts_transactions_20251204.csv": "Fidelity",
    }
    for name, broker in names.items():
        text = (folder / "reds_importers" / f"{name}.extract").read_text()
        cash = rf"Assets:Investments:{broker}:USD +(-?[\d.]+) USD"
        blocks = [b for b in re.split(r"\n\n", text) if " balance " not in b]
        theirs = sorted(D(found) for block in blocks for found in re.findall(cash, block))
        statement = read(folder / "reds_importers" / name)
        whole = [line for line in statement.lines if line.account in ("333333333", "555555555")]
        ours = sorted(
            round(balance_of(msgspec.structs.replace(statement, lines=(line,))), 2)
            for line in whole
            if line.verdict is Verdict.BOOKED
        )
        if broker == "Fidelity":
            ours = [amount for amount in ours if amount != D("-37592.63")]  # another account's
        assert ours == theirs
