"""What else brokers' exports hold: flex XML, splits in two lines, fees in coins, odd layouts."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.imported import Booking, CashMovement, Execution, Split
from cockpit.journal.imported import ImportedBook
from cockpit.journal.statements.booking import bookings_of
from cockpit.journal.statements.errors import StatementError, UnreadableError
from cockpit.journal.statements.figures import day, number, time_of_day
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Statement, Verdict

D = Decimal
FLEX_XML = (Path(__file__).parent / "samples" / "ibkr_flex.xml").read_text()


def read(text: str) -> Statement:
    return read_statement(text.encode())


def bookings(statement: Statement) -> list[Booking]:
    return [found.booking for found in bookings_of(statement)]


def book(statement: Statement) -> ImportedBook:
    found = bookings(statement)
    return ImportedBook(found[0].account_id, found)


def splits(statement: Statement) -> list[Decimal]:
    return [b.entry.change for b in bookings(statement) if isinstance(b.entry, Split)]


def test_a_flex_query_in_xml_is_the_same_statement() -> None:
    statement = read(FLEX_XML)
    made = book(statement)
    first = made.trades.trades()[0]
    assert (statement.format, first.net) == ("ibkr-flex", D("107.95"))
    assert {b.account_id for b in bookings(statement)} == {"ibkr-U1234567"}
    assert [b.entry.amount for b in made.cash if isinstance(b.entry, CashMovement)] == [D("12.5")]
    assert [line.number for line in statement.of(Verdict.UNKNOWN)] == [11]  # the currency trade
    assert splits(statement) == [100]
    assert not made.unmatched


def test_a_flex_query_that_declares_entities_is_refused() -> None:
    attack = '<!DOCTYPE x [<!ENTITY a "b">]>\n<FlexQueryResponse></FlexQueryResponse>'
    for text in (attack, FLEX_XML[:600]):
        with pytest.raises(StatementError) as refused:
            read(text)
        assert "Nothing was booked" in refused.value.user_text


ACTIONS = (
    "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,"
    "Proceeds,Comm/Fee,Code\n"
    'Trades,Data,Order,Stocks,USD,XMPL,"2023-01-05, 09:31:22","1,000",5,-5000,-1,O\n'
    "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,"
    "Proceeds,Value,Realized P/L,Code\n"
)


FORWARD = '"XMPL(US1) Split 3 for 1 (XMPL, EXAMPLE INC, US1)",2000'
REVERSE = (
    '"XMPL(US1) Split 1 for 10 (XMPL.OLD, EXAMPLE INC, US1)",-1000',
    '"XMPL(US1) Split 1 for 10 (XMPL, EXAMPLE INC, US2)",100',
)
IN_ONE = '"XMPL(US1) Split 1 for 10 (XMPL, EXAMPLE INC, US1)",-900'


@pytest.mark.parametrize(
    ("lines", "held"), [((FORWARD,), D(3000)), (REVERSE, D(100)), ((IN_ONE,), D(100))]
)
def test_splits_of_interactive_brokers_are_booked(lines: tuple[str, ...], held: Decimal) -> None:
    rows = [f'Corporate Actions,Data,Stocks,USD,2023-02-01,"2023-01-31, 20:25:00",{line},0,0,0,'
            for line in lines]  # fmt: skip
    statement = read(ACTIONS + "\n".join(rows))
    [lot] = book(statement).trades.lots("XMPL")
    assert (lot.quantity, round(lot.quantity * lot.price, 9)) == (held, 5000)
    assert not statement.of(Verdict.UNKNOWN)


def _alpaca(*activities: dict[str, str]) -> str:
    return json.dumps([{"id": f"x{n}", **one} for n, one in enumerate(activities)])


def fill(
    side: str, qty: str, price: str, symbol: str = "XMPL", at: str = "2023-01-05T14:31:22Z"
) -> dict[str, str]:
    return {"activity_type": "FILL", "side": side, "qty": qty, "price": price, "symbol": symbol,
            "transaction_time": at}  # fmt: skip


def test_alpaca_splits_go_and_come() -> None:
    gone = {"activity_type": "SPLIT", "date": "2023-02-01", "symbol": "XMPL", "qty": "-10"}
    came = {**gone, "qty": "40"}
    statement = read(_alpaca(came, gone, fill("buy", "10", "8")))
    assert splits(statement) == [30]
    [lot] = book(statement).trades.lots("XMPL")
    assert (lot.quantity, lot.price) == (40, 2)


def test_alpaca_takes_a_fee_in_coins() -> None:
    fee = {"activity_type": "CFEE", "date": "2023-01-05", "symbol": "BTCUSD", "qty": "-0.0025",
           "price": "20000", "net_amount": "0"}  # fmt: skip
    earlier = "2023-01-04T14:00:00Z"
    made = book(read(_alpaca(fill("buy", "1", "20000", "BTCUSD", earlier), fee)))
    [opened] = made.trades.open_trades()
    assert (opened.quantity, opened.fees) == (D("0.9975"), 50)
    assert sum(match.gross for match in opened.matches) == 0


@pytest.mark.parametrize("form", ["pages", "lines"])
def test_alpaca_activities_come_in_pages_or_by_the_line(form: str) -> None:
    told = [{**fill("buy", "5", "10"), "id": "a"}, {**fill("sell", "5", "11"), "id": "b"}]
    pages = json.dumps({"activities": told, "next_page_token": None})
    text = pages if form == "pages" else "\n".join(json.dumps(one) for one in told)
    statement = read(text)
    assert (statement.format, len(bookings(statement))) == ("alpaca", 2)


def test_robinhood_tells_a_reverse_split_in_two_lines() -> None:
    text = """"Activity Date","Process Date","Settle Date","Instrument","Description","Trans Code","Quantity","Price","Amount"
"2/1/2023","2/1/2023","2/1/2023","XMPL","Example
CUSIP: 1","SPR","10","",""
"2/1/2023","2/1/2023","2/1/2023","XMPL","Example
CUSIP: 1","SPR","100S","",""
"1/5/2023","1/5/2023","1/9/2023","XMPL","Example","Buy","100","$5.00","($500.00)"
"""  # noqa: E501 -- as it is exported
    [lot] = book(read(text)).trades.lots("XMPL")
    assert (lot.quantity, lot.price) == (10, 50)


def test_fills_of_one_second_keep_their_order() -> None:
    head = "Date,Time,Symbol,Side,Qty,Price\n"
    rows = [f"2023-01-05,09:31:22,XMPL,{side},{10 + n},50.{n}" for n, side in
            enumerate(["short", "cover", "short", "cover"] * 3)]  # fmt: skip
    rows = [row.replace(f",{10 + n},", ",10,") for n, row in enumerate(rows)]
    for order in (rows, rows[::-1]):
        later = "2023-01-06,09:31:22,OTHR,buy,1,1"
        told = [*order, later] if order == rows else [later, *order]
        made = book(read(head + "\n".join(told)))
        assert not made.unmatched
        assert [t.entry_price for t in made.trades.trades()] == [
            D(f"50.{n}") for n in range(0, 12, 2)
        ]


def test_what_closes_on_a_day_was_opened_before() -> None:
    """A statement without times, in whatever order it tells of one day."""
    head = "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
    opened = "01/05/2023,Sell to Open,XMPL 01/05/2023 50.00 C,CALL,1,$1.00,,$100.00\n"
    ended = "01/05/2023,Expired,XMPL 01/05/2023 50.00 C,CALL,1,,,\n"
    for text in (opened + ended, ended + opened):
        made = book(read(head + text))
        [trade] = made.trades.trades()
        assert (trade.gross, made.unmatched) == (100, [])
        assert not made.trades.open_trades()


def test_a_renamed_symbol_is_one_position() -> None:
    """Facebook's FB was called META from 9 June 2022 on; what was closed before stays FB."""
    head = "date,side,symbol,quantity,price\n"
    early = "2022-01-03,buy,FB,5,100\n2022-01-04,sell,FB,5,110\n"
    held = "2022-05-15,buy,FB,100,200\n2022-08-10,sell,META,100,150\n"
    made = book(read(head + early + held))
    assert [(t.symbol, t.gross) for t in made.trades.trades()] == [("FB", 50), ("META", -5000)]
    assert not made.trades.open_trades()


def test_a_table_is_found_below_its_title_and_knows_day_first_dates() -> None:
    text = """Trades of Jane Doe
From 01/02/2023 to 28/02/2023

Trade Date;Ticker;Side;Filled Qty.;Total Qty;Avg. Fill Price (EUR);Status
05/02/2023 09:31:22;XMPL;Buy;1.000;1.000;12,50;Filled
13/02/2023 10:00:00;XMPL;Sell;1.000;1.000;13,25;Filled
13/02/2023 10:00:01;XMPL;Sell;0;1.000;;Cancelled
Total;;;2.000;;;
"""
    statement = read(text)
    [trade] = book(statement).trades.trades()
    assert (trade.quantity, trade.gross) == (1000, 750)
    assert (trade.closed_ns - trade.opened_ns) // 86_400_000_000_000 == 8
    assert not statement.of(Verdict.REVIEW) + statement.of(Verdict.UNKNOWN)


def test_actions_of_tastytrade_are_read_in_either_spelling() -> None:
    head = "Date,Type,Sub Type,Action,Symbol,Value,Quantity,Average Price\n"
    row = "2023-01-05T15:30:00-0500,Trade,{0},{1},XMPL,{2},10,50\n"
    text = head + row.format("Buy to Open", "Buy to Open", "-500.00")
    text += row.replace("15:", "16:").format("Sell to Close", "SELL_TO_CLOSE", "500.00")
    text += row.replace("15:", "17:").format("Receive Deliver", "", "500.00")
    statement = read(text)
    sides = [b.entry.side.value for b in bookings(statement) if isinstance(b.entry, Execution)]
    assert sides == ["buy", "sell"]
    assert len(statement.of(Verdict.REVIEW)) == 1  # without a word it is neither


@pytest.mark.parametrize(
    ("text", "value"),
    [("($1,234.50)", "-1234.5"), ("-$2506", "-2506"), ("12.50-", "-12.5"), ("\u22123", "-3"),
     ("1'234.50", "1234.5"), ("USD 12", "12"), ("+300", "300"), ("$(3.00)", "-3")],
)  # fmt: skip
def test_figures_are_read_as_they_are_printed(text: str, value: str) -> None:
    assert number(text) == D(value)


@pytest.mark.parametrize("text", ["49,88", "1,23,456", "NaN", "twelve", "1,2"])
def test_a_figure_that_can_be_read_in_two_ways_is_not_read(text: str) -> None:
    with pytest.raises(UnreadableError):
        number(text)


def test_days_and_times_are_read_as_they_are_printed() -> None:
    printed = "01/05/2023|2023/01/05|5-Jan-2023|Jan-05-2023|5 Jan 2023|01/05/2023 12:00:00 AM"
    assert {day(text) for text in printed.split("|")} == {"2023-01-05"}
    assert time_of_day("09:31:22.250 ET") == time_of_day("9:31:22.250 AM") == 34_282_250_000_000


def test_schwabs_own_total_is_doubted_where_it_is_not_the_sum() -> None:
    head = "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
    row = "01/05/2023,Cash Dividend,XMPL,Example,,,,$5.00\n"
    assert not read(f"{head}{row}Transactions Total,,,,,,,$5.00\n").warnings
    assert "add up to 5.00" in read(f"{head}{row}Transactions Total,,,,,,,$6.00\n").warnings[0]


def test_the_legs_of_a_spread_come_from_the_trade_history() -> None:
    statement = read((Path(__file__).parent / "samples" / "thinkorswim_spread.csv").read_text())
    made = book(statement)
    found = {t.symbol: (t.direction.value, t.gross, t.fees) for t in made.trades.trades()}
    assert found == {
        "SPY220121P00455000": ("short", D(400), D("2.65")),
        "SPY220121P00450000": ("long", D(-230), D("2.65")),
    }  # the credit of 250 less the debit of 80, and all of the fees
    assert not made.unmatched
    [line] = statement.of(Verdict.UNKNOWN)  # no trade tells the legs of the butterfly
    assert "BUTTERFLY" in line.reason


def test_an_option_that_ends_on_no_day_is_for_a_person_to_see() -> None:
    head = "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
    text = f"{head}01/05/2023,Buy to Open,XMPL 13/45/2023 50.00 C,CALL,1,$1.00,,-$100.00\n"
    [line] = read(text).of(Verdict.REVIEW)
    assert "can't be read" in line.reason


def test_a_stock_bought_with_a_call_written_on_it_is_read_by_its_legs() -> None:
    text = """Account Statement for 12345678 (me) since 1/1/22 through 1/31/22

Cash Balance
DATE,TIME,TYPE,REF #,DESCRIPTION,Misc Fees,Commissions & Fees,AMOUNT,BALANCE
1/11/22,09:47:59,TRD,301,BOT +1 COVERED XYZ 100 21 JAN 22 55 CALL/XYZ @49.00,,-0.65,"-4,900.00",0

Account Trade History
,Exec Time,Spread,Side,Qty,Pos Effect,Symbol,Exp,Strike,Type,Price,Net Price,Order Type
,1/11/22 09:47:59,COVERED,SELL,-1,TO OPEN,XYZ,21 JAN 22,55,CALL,1.00,49.00,LMT
,,,BUY,+100,TO OPEN,XYZ,,,STOCK,50.00,DEBIT,
"""
    held = {t.symbol: t.lots[0].price for t in book(read(text)).trades.open_trades()}
    assert held == {"XYZ": 50, "XYZ220121C00055000": 1}


SCHWAB_BACK = (
    "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
    "03/14/2024,Cancel Buy,XMPL,x,10,$10,,$100.00\n"
)


def test_a_trade_that_schwab_takes_back_is_named_with_what_to_do() -> None:
    buy = "03/13/2024,Buy,XMPL,x,{0},$10,,-$100.00\n"
    statement = read(SCHWAB_BACK + buy.format(10) + "03/12/2024,Buy,XMPL,x,10,$11,,-$110.00\n")
    [line] = statement.of(Verdict.REVIEW)
    assert line.reason.startswith("takes back Buy 10 XMPL @ 10 of 2024-03-13, which stays booked")
    assert "cockpit journal undo" in line.reason
    assert len(statement.of(Verdict.BOOKED)) == 2
    [line] = read(SCHWAB_BACK).of(Verdict.REVIEW)
    assert line.reason.startswith("takes back Buy 10 XMPL @ 10, which is not in this file")
