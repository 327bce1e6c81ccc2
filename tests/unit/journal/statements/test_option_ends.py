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
