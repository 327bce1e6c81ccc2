"""What brokers tell twice, or with a sign of their own: booked once, and the right way round."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from cockpit.journal.imported import ImportedBook
from cockpit.journal.statements.booking import bookings_of
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Statement, Verdict

D = Decimal
TRADES = (
    "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,"
    "Proceeds,Comm/Fee,Code\n"
)
ACTIONS = (
    "Corporate Actions,Header,Asset Category,Currency,Report Date,Date/Time,Description,Quantity,"
    "Proceeds,Value,Realized P/L,Code\n"
)


def read(text: str) -> Statement:
    return read_statement(text.encode())


def book(statement: Statement) -> ImportedBook:
    found = [each.booking for each in bookings_of(statement)]
    return ImportedBook(found[0].account_id, found)


def held(statement: Statement) -> dict[str, tuple[str, Decimal]]:
    opened = book(statement).trades.open_trades()
    return {trade.symbol: (trade.direction.value, trade.quantity) for trade in opened}


def activity_row(level: str, quantity: int, symbol: str = "ABC") -> str:
    proceeds, when = -10 * quantity, '"2024-03-13, 10:00:00"'
    return f"Trades,Data,{level},Stocks,USD,{symbol},{when},{quantity},10,{proceeds},-1,O\n"


@pytest.mark.parametrize("turned", [False, True])
def test_an_order_and_its_executions_are_booked_once(turned: bool) -> None:
    rows = [activity_row("Order", 100), activity_row("Trade", 60), activity_row("Trade", 40)]
    rows.append(activity_row("Trade", 5, "DEF"))  # no order tells of these
    statement = read(TRADES + "".join(reversed(rows) if turned else rows))
    assert held(statement) == {"ABC": ("long", 100), "DEF": ("long", 5)}
    reasons = [line.reason for line in statement.of(Verdict.IGNORED)]
    assert reasons.count("an execution of an order that is booked as a whole") == 2


def alpaca(*activities: dict[str, str]) -> Statement:
    return read(json.dumps([{"id": f"x{n}", **one} for n, one in enumerate(activities)]))


@pytest.mark.parametrize("turned", [False, True])
def test_a_reverse_split_makes_a_short_smaller(turned: bool) -> None:
    rows = ['"XMPL(US1) Split 1 for 10 (XMPL.OLD, EXAMPLE INC, US1)",1000',
            '"XMPL(US1) Split 1 for 10 (XMPL, EXAMPLE INC, US2)",-100']  # fmt: skip
    told = [f'Corporate Actions,Data,Stocks,USD,2024-03-15,"2024-03-14, 20:25:00",{row},0,0,0,\n'
            for row in (reversed(rows) if turned else rows)]  # fmt: skip
    ibkr = read(TRADES + activity_row("Order", -1000, "XMPL") + ACTIONS + "".join(told))
    short = {"activity_type": "FILL", "side": "sell_short", "qty": "100", "price": "10",
             "symbol": "XMPL", "transaction_time": "2024-03-13T14:00:00Z"}  # fmt: skip
    gone = {"activity_type": "SPLIT", "date": "2024-03-14", "symbol": "XMPL", "qty": "100"}
    came = {**gone, "qty": "-10"}
    assert held(ibkr) == {"XMPL": ("short", 100)}
    assert held(alpaca(short, *((came, gone) if turned else (gone, came)))) == {
        "XMPL": ("short", 10)
    }


def test_a_forward_split_makes_a_short_larger() -> None:
    row = '"XMPL(US1) Split 3 for 1 (XMPL, EXAMPLE INC, US1)",-200,0,0,0,\n'
    split = f'Corporate Actions,Data,Stocks,USD,2024-03-15,"2024-03-14, 20:25:00",{row}'
    statement = read(TRADES + activity_row("Order", -100, "XMPL") + ACTIONS + split)
    assert held(statement) == {"XMPL": ("short", 300)}


FLEX = (
    "ClientAccountID,CurrencyPrimary,AssetClass,Symbol,TradeID,DateTime,Quantity,TradePrice,"
    "Buy/Sell,IBCommission,LevelOfDetail\n"
)


def test_a_trade_that_was_taken_back_is_none() -> None:
    bought = "U1,USD,STK,ABC,1,20240313;100000,100,10,BUY,-1,EXECUTION\n"
    back = "U1,USD,STK,ABC,2,20240313;100001,-100,10,BUY (Ca.),1,EXECUTION\n"
    made = book(read(FLEX + bought + back))
    assert not made.trades.open_trades()
    assert sum(trade.net for trade in made.trades.trades()) == 0
    [line] = read(FLEX + bought + back.replace(" (Ca.)", "")).of(Verdict.REVIEW)
    assert "do not agree" in line.reason


def test_an_order_of_a_flex_query_is_ignored_only_beside_its_executions() -> None:
    executed = "U1,USD,STK,ABC,1,20240313;100000,100,10,BUY,-1,EXECUTION\n"
    order = "U1,USD,STK,ABC,,20240313;100000,100,10,BUY,-1,ORDER\n"
    other = order.replace("ABC", "DEF")
    statement = read(FLEX + executed + order + other)
    assert held(statement) == {"ABC": ("long", 100)}
    assert ["DEF" in line.text for line in statement.of(Verdict.REVIEW)] == [True]
    xml = '<FlexQueryResponse><Order symbol="ABC" quantity="100"/></FlexQueryResponse>'
    assert "executions" in read(xml).of(Verdict.REVIEW)[0].reason


def test_what_ends_or_closes_on_a_day_comes_behind_its_fills() -> None:
    call, coin, at = "SPY240315C00520000", "BTC/USD", "2024-03-15T14:00:00Z"
    bought = {"activity_type": "FILL", "side": "buy", "qty": "2", "price": "1", "symbol": call,
              "transaction_time": at}  # fmt: skip
    ended = {"activity_type": "OPEXP", "date": "2024-03-15", "net_amount": "0", "qty": "-2",
             "symbol": call}  # fmt: skip
    coins = {**bought, "qty": "1", "price": "60000", "symbol": coin}
    fee = {"activity_type": "CFEE", "date": "2024-03-15", "qty": "-0.0025", "price": "60000",
           "symbol": coin}  # fmt: skip
    for told in ((bought, ended, coins, fee), (fee, coins, ended, bought)):
        made = book(alpaca(*told))
        assert not made.unmatched
        [left] = made.trades.open_trades()
        assert (left.symbol, left.quantity) == (coin, D("0.9975"))
        [gone] = [trade for trade in made.trades.trades() if trade.symbol == call]
        assert gone.gross == -200


def test_what_was_held_before_the_day_ends_before_its_fills() -> None:
    call = "SPY240315C00520000"
    held_ = {"activity_type": "FILL", "side": "buy", "qty": "2", "price": "1", "symbol": call,
             "transaction_time": "2024-03-14T14:00:00Z"}  # fmt: skip
    ended = {"activity_type": "OPEXP", "date": "2024-03-15", "qty": "-2", "symbol": call}
    later = {**held_, "qty": "1", "transaction_time": "2024-03-15T14:00:00Z"}
    [left] = book(alpaca(held_, ended, later)).trades.open_trades()
    assert left.quantity == 1


OFX = """<OFX><INVSTMTMSGSRSV1><INVSTMTTRNRS><INVSTMTRS><CURDEF>CAD
<INVACCTFROM><ACCTID>7</INVACCTFROM>
<INVTRANLIST>
<BUYSTOCK><INVBUY><INVTRAN><FITID>1<DTTRADE>20240313</INVTRAN><SECID><UNIQUEID>ABC</SECID>
<UNITS>10<UNITPRICE>5<TOTAL>-50</INVBUY></BUYSTOCK>
<BUYSTOCK><INVBUY><INVTRAN><FITID>2<DTTRADE>20240313</INVTRAN><SECID><UNIQUEID>DEF</SECID>
<UNITS>10<UNITPRICE>5<TOTAL>-50<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY></INVBUY></BUYSTOCK>
<BUYSTOCK><INVBUY><INVTRAN><FITID>3<DTTRADE>20240313</INVTRAN><SECID><UNIQUEID>GHI</SECID>
<UNITS>10<UNITPRICE>5<TOTAL>-50<ORIGCURRENCY><CURRATE>1.1<CURSYM>EUR</ORIGCURRENCY></INVBUY></BUYSTOCK>
</INVTRANLIST></INVSTMTRS></INVSTMTTRNRS></INVSTMTMSGSRSV1></OFX>
"""


def test_an_ofx_statement_is_in_its_own_currency() -> None:
    statement = read(OFX)
    assert [line.currency for line in statement.lines] == ["CAD", "EUR", "CAD"]
    assert statement.accounts == ("7",)
    assert next(line.currency for line in read(OFX.replace("<CURDEF>CAD", "")).lines) == "USD"


@pytest.mark.parametrize(("side", "quantity"), [("Buy", "-100"), ("Cover", "-100")])
def test_a_side_and_a_sign_that_disagree_are_for_a_person_to_see(side: str, quantity: str) -> None:
    statement = read(f"Date,Symbol,Side,Quantity,Price\n2024-03-13,ABC,{side},{quantity},10\n")
    assert not statement.of(Verdict.BOOKED)
    assert "do not agree" in statement.of(Verdict.REVIEW)[0].reason
