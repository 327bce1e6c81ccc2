"""Options that are assigned, exercised or expire, as each broker's statement tells of it.

The option ends at zero, so that its premium is realised there; shares that change hands are a
trade of their own at the strike. Gain and cash over both are the same as with any other rule.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.domain.imported import Booking, ExpiryKind
from cockpit.domain.imported import Expiry as Ended
from cockpit.journal.imported import ImportedBook
from cockpit.journal.statements.booking import bookings_of
from cockpit.journal.statements.reading import read_statement
from cockpit.journal.statements.statement import Verdict

D = Decimal
SAMPLES = Path(__file__).parent / "samples"  # made up, in the brokers' layouts
ASSIGNED = [*sorted((SAMPLES / "assigned").iterdir()), SAMPLES / "ibkr_flex.xml"]


def read(text: str) -> tuple[ImportedBook, list[Booking]]:
    statement = read_statement(text.encode())
    assert not statement.of(Verdict.REVIEW)
    found = [each.booking for each in bookings_of(statement)]
    return ImportedBook(found[0].account_id, found), found


@pytest.mark.parametrize("sample", ASSIGNED, ids=lambda path: path.name)
def test_an_assigned_put_keeps_its_premium_and_becomes_shares_at_the_strike(sample: Path) -> None:
    made, found = read(sample.read_text())
    [option] = [t for t in made.trades.trades() if t.symbol == "XMPL230120P00055000"]
    assert (option.gross, option.exit_price, option.direction.value) == (300, 0, "short")
    shares = [lot for lot in made.trades.lots("XMPL") if lot.quantity in (100, 200)]
    assert [lot.price * lot.quantity for lot in shares] == [5500]  # the strike, not less premium
    assert [b.entry.how for b in found if isinstance(b.entry, Ended)] == [ExpiryKind.ASSIGNED]
    assert not made.unmatched


@pytest.mark.parametrize("held", ["long", "short"])
@pytest.mark.parametrize("word", ["Expired", "Assigned", "Exchange or Exercise"])
def test_an_option_that_ends_realises_its_premium_whichever_side_was_held(
    held: str, word: str
) -> None:
    action, amount = ("Buy to Open", "-$301.00") if held == "long" else ("Sell to Open", "$299.00")
    text = (
        "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
        f"01/20/2023,{word},XMPL 01/20/2023 55.00 C,CALL,1,,,\n"
        f"01/10/2023,{action},XMPL 01/20/2023 55.00 C,CALL,1,$3.00,$1.00,{amount}\n"
    )
    made, _ = read(text)
    [option] = made.trades.trades()
    assert (option.gross, option.fees) == (-300 if held == "long" else 300, 1)
    assert not made.trades.open_trades()


def test_half_of_a_position_expires_and_the_rest_is_held() -> None:
    text = (
        "Date,Action,Symbol,Description,Quantity,Price,Fees & Comm,Amount\n"
        "01/20/2023,Expired,XMPL 01/20/2023 55.00 C,CALL,1,,,\n"
        "01/10/2023,Buy to Open,XMPL 01/20/2023 55.00 C,CALL,2,$3.00,,-$600.00\n"
    )
    made, _ = read(text)
    [left] = made.trades.open_trades()
    assert (left.quantity, [m.gross for m in left.matches]) == (1, [-300])


SETTLED = {
    "ibkr": (
        "Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,"
        "T. Price,Proceeds,Comm/Fee,Code\n"
        "Trades,Data,Order,Equity and Index Options,USD,SPX 15MAR24 5000 C,"
        '"2024-03-13, 11:00:00",1,10,-1000,0,O\n'
        "Trades,Data,Order,Equity and Index Options,USD,SPX 15MAR24 5000 C,"
        '"2024-03-15, 16:20:00",-1,117.5,11750,0,C;Ex\n'
    ),
    "flex": (
        "ClientAccountID,AssetClass,Symbol,TradeID,DateTime,Quantity,TradePrice,Buy/Sell,"
        "IBCommission,Proceeds,Multiplier,Notes/Codes\n"
        "U1,OPT,SPX   240315C05000000,1,20240313;110000,1,10,BUY,0,-1000,100,\n"
        "U1,OPT,SPX   240315C05000000,2,20240315;162000,-1,117.5,SELL,0,11750,100,Ex\n"
    ),
    "tastytrade": (
        "Date,Type,Sub Type,Action,Symbol,Value,Quantity,Average Price,Commissions,Fees,"
        "Multiplier\n"
        "2024-03-15T16:00:00-0400,Receive Deliver,Cash Settled Exercise,SELL_TO_CLOSE,"
        'SPX   240315C05000000,"11,750.00",1,0,--,0.00,100\n'
        "2024-03-13T11:00:00-0400,Trade,Buy to Open,BUY_TO_OPEN,"
        'SPX   240315C05000000,"-1,000.00",1,-1000.00,0.00,0.00,100\n'
    ),
    "thinkorswim": (
        "Account Statement for 12345678 (me) since 3/1/24 through 3/31/24\n\nCash Balance\n"
        "DATE,TIME,TYPE,REF #,DESCRIPTION,Misc Fees,Commissions & Fees,AMOUNT,BALANCE\n"
        '3/13/24,11:00:00,TRD,1,BOT +1 SPX 100 15 MAR 24 5000 CALL @10.00,,,"-1,000.00",0\n'
        "3/15/24,17:00:00,RAD,2,REMOVAL OF OPTION DUE TO EXERCISE -1.0 SPX 100 15 MAR 24 5000 CALL,"
        ',,"11,750.00",0\n'
    ),
    "robinhood": (
        "Activity Date,Instrument,Description,Trans Code,Quantity,Price,Amount\n"
        '3/15/2024,SPX,SPX 3/15/2024 Call $5000.00,OEXCS,1,$117.50,"$11,750.00"\n'
        '3/13/2024,SPX,SPX 3/15/2024 Call $5000.00,BTO,1,$10.00,"($1,000.00)"\n'
    ),
    "fidelity": (
        "Run Date,Action,Symbol,Quantity,Price ($),Commission ($),Fees ($),Amount ($),"
        "Settlement Date\n"
        "03/15/2024,EXERCISED CALL (SPX),-SPX240315C5000,-1,117.50,,,11750.00,\n"
        "03/13/2024,YOU BOUGHT OPENING TRANSACTION,-SPX240315C5000,1,10.00,,,-1000.00,\n"
    ),
    "alpaca": (
        '[{"id":"1","activity_type":"FILL","transaction_time":"2024-03-13T15:00:00Z",'
        '"price":"10","qty":"1","side":"buy","symbol":"SPX240315C05000000"},'
        '{"id":"2","activity_type":"OPEXC","date":"2024-03-15","net_amount":"11750","qty":"-1",'
        '"symbol":"SPX240315C05000000"}]'
    ),
}


@pytest.mark.parametrize("broker", SETTLED)
def test_an_option_settled_in_cash_keeps_its_money(broker: str) -> None:
    made, _ = read(SETTLED[broker])
    [option] = made.trades.trades()
    assert (option.symbol, option.exit_price) == ("SPX240315C05000000", D("117.5"))
    assert option.gross == 10750
    assert not made.unmatched + list(made.trades.open_trades())


def test_money_of_an_ended_option_that_nobody_can_place_is_for_a_person_to_see() -> None:
    untold = SETTLED["robinhood"].replace('"$11,750.00"', "")
    disagree = SETTLED["robinhood"].replace('"$11,750.00"', '"$9,750.00"')
    for text in (untold, disagree):
        [line] = read_statement(text.encode()).of(Verdict.REVIEW)
        assert line.text.startswith("3/15/2024")


TASTY = (
    "Date,Type,Sub Type,Action,Symbol,Instrument Type,Value,Quantity,Average Price,Commissions,"
    "Fees,Multiplier\n"
)
TASTY_PUT = (
    "2024-03-15T16:00:00-0400,Receive Deliver,Assignment,,ABC   240315P00050000,Equity Option,"
    "0.00,1,0.00,--,0.00,100\n"
    "2024-03-13T11:00:00-0400,Trade,Sell to Open,SELL_TO_OPEN,ABC   240315P00050000,Equity Option,"
    "150.00,1,150.00,-1.00,-0.14,100\n"
)
TASTY_SHARES = (
    "2024-03-18T11:00:00-0400,Trade,Sell to Close,SELL_TO_CLOSE,ABC,Equity,"
    '"4,900.00",100,49.00,0.00,-0.10,\n'
    "2024-03-15T16:00:00-0400,Receive Deliver,{0},BUY_TO_OPEN,ABC,Equity,"
    '"-5,000.00",100,-50.00,--,-5.00,\n'
)


@pytest.mark.parametrize("word", ["Assignment", "Exercise", "Buy to Open"])
def test_shares_of_an_assignment_are_a_trade_at_the_strike_whatever_tastytrade_calls_it(
    word: str,
) -> None:
    made, _ = read(TASTY + TASTY_PUT + TASTY_SHARES.format(word))
    nets = {trade.symbol: (trade.gross, trade.net) for trade in made.trades.trades()}
    assert nets == {
        "ABC240315P00050000": (150, D("148.86")),
        "ABC": (-100, D("-105.10")),
    }
    assert not made.unmatched + list(made.trades.open_trades())


def test_an_end_of_tastytrade_that_is_no_options_and_no_trade_is_for_a_person_to_see() -> None:
    neither = "2024-03-15T16:00:00-0400,Receive Deliver,Assignment,,ABC,Equity,0.00,100,,,,\n"
    [line] = read_statement((TASTY + TASTY_PUT + neither).encode()).of(Verdict.REVIEW)
    assert "neither the end of an option nor a trade of shares" in line.reason


def test_futures_of_tastytrade_are_booked_neither_as_fills_nor_as_cash() -> None:
    futures = (
        "2024-03-13T12:00:00-0400,Trade,Buy to Open,BUY_TO_OPEN,/ESM4,Future,0.00,1,0.00,-1.25,"
        "-0.95,50\n"
        "2024-03-13T13:30:00-0400,Money Movement,Mark to Market,,/ESM4,Future,500.00,,0.00,0,0,50\n"
        "2024-03-13T12:00:00-0400,Trade,Buy to Open,BUY_TO_OPEN,./ESM4 E2AH4 240313P5200,"
        "Future Option,-500.00,1,-500.00,-1.25,-0.95,50\n"
        "2024-03-13T14:00:00-0400,Receive Deliver,Expiration,,./ESM4 E2AH4 240313P5200,"
        "Future Option,0.00,1,0.00,0,0,50\n"
    )
    statement = read_statement((TASTY + TASTY_PUT + futures).encode())
    reasons = [line.reason for line in statement.of(Verdict.REVIEW)]
    assert len(reasons) == 4
    assert all(reason.startswith("futures are not read") for reason in reasons)
    assert len(statement.of(Verdict.BOOKED)) == 2  # the put on shares, and no cash of futures
