"""What a person reads at a second terminal, and the codes a script gets."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from cockpit.app.control.messages import (
    Cleared,
    HeldPosition,
    LampLine,
    OpenOrder,
    Refused,
    StatusReport,
)
from cockpit.cli import control
from cockpit.cli.exits import Exit
from cockpit.cli.main import app
from cockpit.cli.standing import as_lines
from cockpit.domain.account import Mode
from cockpit.domain.limits import TradingState
from cockpit.domain.order import OrderState, OrderType, Side

ORDER = OpenOrder(
    client_order_id="LIVE-00007",
    state=OrderState.PARTIALLY_FILLED,
    symbol="ABC",
    side=Side.BUY,
    type=OrderType.LIMIT,
    quantity=Decimal(100),
    filled=Decimal(40),
    limit_price=Decimal("10.05"),
)
HELD = HeldPosition(symbol="ABC", quantity=Decimal(-40), average_cost=Decimal("10.0500"))
REPORT = StatusReport(
    running=True,
    as_of_ns=1_514_903_400_000_000_000,
    mode=Mode.LIVE,
    account_id="LIVE",
    label="",
    state=TradingState.HALTED,
    reason="Lunch.",
    not_ready="The broker paper is down.",
    positions=(HELD,),
    orders=(ORDER,),
    unknown=("LIVE-00009",),
    waiting=2,
    day_pnl=-1234.5,
    lamps=(LampLine(kind="broker", name="paper", health="down"),),
    alerts=1,
    last_alert="Look: at this",
    arming="Off at every start.",
    pid=42,
    since_ns=1_514_903_400_000_000_000,
)


def cleared(*, open_: bool = False, held: bool = False, problem: str = "") -> Cleared:
    return Cleared(
        account_id="LIVE",
        state=TradingState.ACTIVE,
        still_open=(ORDER,) if open_ else (),
        still_held=(HELD,) if held else (),
        flattened=True,
        problems=(problem,) if problem else (),
    )


def test_a_status_in_lines() -> None:
    assert list(as_lines(REPORT)) == [
        "LIVE (live): runs as process 42 since 2018-01-02 14:30:00 UTC",
        "  Trading    HALTED: Lunch.",
        "  Ready      no: The broker paper is down.",
        "  Arming     DISARMED: Off at every start.",
        "  Day P&L    -1,234.50 after fees",
        "  Positions  ABC -40 at 10.05",
        "  Orders     LIVE-00007 buy 100 ABC limit 10.05, partially filled, filled 40",
        "  Unknown    LIVE-00009: sent, no answer yet",
        "  Proposals  2 wait for you",
        "  Lamps      broker paper: down",
        "  Alerts     1 active, last: Look: at this",
    ]


@pytest.mark.parametrize(
    ("answers", "code", "said"),
    [
        ([cleared()], 0, "the broker confirms that nothing of it is held"),
        ([cleared(open_=True)], Exit.NOT_CONFIRMED, "still open  LIVE-00007"),
        ([cleared(held=True)], Exit.NOT_CONFIRMED, "still held  ABC -40"),
        ([cleared(problem="ABC: no price")], Exit.NOT_CONFIRMED, "problem     ABC: no price"),
        (
            [msgspec.structs.replace(cleared(), aside="D/emergency.jsonl")],
            0,
            "recorded    in D/emergency.jsonl: the ledger can't be written now",
        ),
        ([Refused(code="X", text="No.")], Exit.REFUSED, "cockpit: No."),
        ([Refused(code="BROKER_ERROR", text="No.")], Exit.NOT_CONFIRMED, "cockpit: No."),
        ([cleared(), Refused(code="X", text="No.")], Exit.NOT_CONFIRMED, "problem     No."),
    ],
)
def test_what_was_cleared(
    answers: list[Cleared | Refused], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    left = 0
    try:
        control._report(answers)
    except typer.Exit as exit_:
        left = exit_.exit_code
    told = capsys.readouterr()
    assert left == code
    assert said in told.out + told.err


def test_an_interruption_says_what_holds(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left, control._interrupted("It goes on."):
        raise KeyboardInterrupt
    assert left.value.exit_code == Exit.INTERRUPTED
    assert capsys.readouterr().err == "cockpit: It goes on.\n"


@pytest.mark.parametrize("arguments", [["flatten"], ["flatten", "ABC", "--all"], ["resume"]])
def test_what_is_missing_is_said_before_anybody_is_asked(
    tmp_path: Path, arguments: list[str]
) -> None:
    result = CliRunner().invoke(app, [*arguments, "--data-dir", str(tmp_path)])
    assert result.exit_code == Exit.USAGE
    assert list(tmp_path.iterdir()) == []
