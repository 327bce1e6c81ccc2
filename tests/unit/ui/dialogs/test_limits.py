"""The list of limits: what it shows, what it says a change would do, what it lets through."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import pytest

from cockpit.app.limits.desk import LimitDesk
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.domain.limit_rules import LimitRules, Place
from cockpit.domain.limits import ControlResult, Limits, Verdict
from cockpit.kernel.clock import VirtualClock
from cockpit.risk.board import Gauge
from cockpit.risk.limit_book import LimitBook
from cockpit.ui.dialogs.limits import LimitsDialog
from cockpit.ui.theme import Theme

GAUGE = Gauge(name="drawdown", subject="", value=1.5, limit=3.0, unit="%", armed=False, ts_ns=1)
VERDICT = Verdict(
    results=(
        ControlResult(
            control="order value",
            passed=True,
            before=Decimal(0),
            after=Decimal(4000),
            limit=Decimal(5000),
            unit="USD",
        ),
    ),
    ts_ns=1,
)


class Notes:
    """Keeps what is recorded, at once."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    async def record(self, *row: Any) -> None:
        self.kept.append(row)


class Doing:
    """Commands that are done at once."""

    def __init__(self, limits: LimitDesk) -> None:
        self._limits = limits

    async def change_limits(self, scope: str, name: str, value: Any, *, typed: str = "") -> None:
        await self._limits.change(
            Place.of(f"{scope}.{name}" if scope else name), value, typed=typed
        )

    def run(
        self, body: Coroutine[Any, Any, None], _name: str, failed: Callable[[str], None]
    ) -> None:
        try:
            body.send(None)
        except StopIteration:
            return
        except CockpitError as error:
            failed(error.user_text)


def opened(qtbot, mode: Mode) -> tuple[LimitsDialog, LimitDesk]:
    rules = LimitRules.of(Limits())
    store: Any = Notes()
    limits = LimitDesk(
        book=LimitBook(rules, "A"), written=rules, store=store, clock=VirtualClock(1), mode=mode
    )
    limits.measured_by(lambda: (GAUGE,), lambda: VERDICT)
    commands: Any = Doing(limits)
    dialog = LimitsDialog(Theme(), None, limits, commands)
    qtbot.addWidget(dialog)
    return dialog, limits


def choose(dialog: LimitsDialog, name: str) -> list[str]:
    """Select a limit; the texts of its row."""
    for line in range(dialog.table.rowCount()):
        texts = [dialog.table.item(line, column).text() for column in range(6)]
        if texts[0] == name:
            dialog.table.selectRow(line)
            return texts
    raise AssertionError(name)


def test_each_limit_stands_beside_its_last_measure(qtbot) -> None:
    dialog, _ = opened(qtbot, Mode.PAPER)
    assert dialog.table.rowCount() == len(Limits.__struct_fields__) + 2
    assert choose(dialog, "max_drawdown_fraction")[1:] == [
        "0.03",
        "fraction of the equity at the day's peak",
        "1.50 of 3.00 %",
        "50%",
        "crossed, not seen",
    ]
    assert choose(dialog, "max_order_value")[3:] == ["4,000.00 of 5,000.00 USD", "20%", "armed"]
    assert choose(dialog, "loss_cooldown_s")[3:] == ["", "", "armed"]
    assert choose(dialog, "restricted_symbols")[1] == "none"


def test_tighter_is_changed_without_a_word(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.LIVE)
    choose(dialog, "max_order_value")
    assert not dialog.go.isEnabled()
    dialog.value.setText("5000")
    assert dialog.typed.isHidden()
    assert "holds at once" in dialog.note.text()
    dialog.go.click()
    assert limits.book.account.max_order_value == 5000
    assert dialog.note.text() == "max_order_value is 5000 from now on."
    assert choose(dialog, "max_order_value")[1] == "5000"


def test_looser_on_a_live_account_waits_for_the_words(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.LIVE)
    choose(dialog, "max_order_value")
    dialog.value.setText("20000")
    assert not dialog.typed.isHidden()
    assert "from 10000 to 20000 money" in dialog.note.text()
    assert "with real money. Type LOOSEN max_order_value" in dialog.note.text()
    assert not dialog.go.isEnabled()
    dialog.typed.setText("loosen max_order_value")
    assert not dialog.go.isEnabled()
    dialog.typed.setText("LOOSEN max_order_value")
    dialog.go.click()
    assert limits.book.account.max_order_value == 20_000


def test_looser_on_paper_is_said(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.PAPER)
    choose(dialog, "duplicate_window_s")
    dialog.value.setText("1")
    assert "More will be allowed than now." in dialog.note.text()
    dialog.go.click()
    assert limits.book.account.duplicate_window_s == 1


def test_the_core_refuses_what_contradicts(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.PAPER)
    choose(dialog, "day_loss_halted_fraction")
    dialog.value.setText("0.01")
    dialog.go.click()
    assert "must be below" in dialog.note.text()
    assert limits.book.account == Limits()


@pytest.mark.parametrize("text", ["", "nan", "-1", "0", "plenty", "inf"])
def test_what_is_no_value_can_not_be_set(qtbot, text) -> None:
    dialog, _ = opened(qtbot, Mode.PAPER)
    choose(dialog, "max_order_value")
    dialog.value.setText(text)
    assert not dialog.go.isEnabled()


def test_symbols_are_written_as_symbols(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.LIVE)
    choose(dialog, "restricted_symbols")
    dialog.value.setText("gme, amc")
    dialog.go.click()
    assert limits.book.rules.symbols("A")[1] == {"GME", "AMC"}
