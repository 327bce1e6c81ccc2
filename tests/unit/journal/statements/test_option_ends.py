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
