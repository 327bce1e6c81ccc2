"""The list of limits: what it shows, what it says a change would do, what it lets through."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt

from cockpit.app.limits.desk import LimitDesk
from cockpit.app.limits.status import LimitStatus
from cockpit.domain.account import Mode
from cockpit.domain.errors import CockpitError
from cockpit.domain.limit_rules import SPECS, LimitRules, Place
from cockpit.domain.limits import ControlResult, Limits, Verdict
from cockpit.kernel.clock import VirtualClock
from cockpit.risk.board import Gauge
from cockpit.risk.limit_book import LimitBook
from cockpit.ui.dialogs.limits import LimitsDialog
from cockpit.ui.models.limit_words import GROUPS, TITLES, typed_value
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
    for line, row in enumerate(dialog._rows):
        if isinstance(row, LimitStatus) and str(row.place) == name:
            dialog.table.selectRow(line)
            return [dialog.table.item(line, column).text() for column in range(6)]
    raise AssertionError(name)


def test_each_limit_stands_beside_its_last_measure(qtbot) -> None:
    dialog, _ = opened(qtbot, Mode.PAPER)
    assert dialog.table.rowCount() == len(Limits.__struct_fields__) + 2 + len(GROUPS)
    assert choose(dialog, "max_drawdown_fraction") == [
        "Fall from the peak",
        "3",
        "% of the equity at the day's peak",
        "1.50% of 3.00%",
        "50%",
        "crossed, not seen",
    ]
    assert choose(dialog, "max_order_value")[1:] == [
        "10,000", "$", "$4,000 of a stricter $5,000", "20%", "armed",
    ]  # fmt: skip
    assert choose(dialog, "loss_cooldown_s")[3:] == ["", "", "armed"]
    assert choose(dialog, "restricted_symbols")[1] == "none"


def test_a_warning_is_measured_against_its_own_value(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.PAPER)
    far = ControlResult(
        control="price collar", passed=True, before=None, after=Decimal(1), limit=Decimal(5),
        unit="%",
    )  # fmt: skip
    limits.measured_by(tuple, lambda: Verdict(results=(far,), ts_ns=1))
    dialog.refresh()
    assert choose(dialog, "collar_warn_fraction")[3:5] == ["1.00% of 2.00%", "50%"]
    assert choose(dialog, "collar_block_fraction")[3:5] == ["1.00% of 5.00%", "80%"]


def test_limits_stand_in_groups_under_names_in_words(qtbot) -> None:
    dialog, _ = opened(qtbot, Mode.PAPER)
    table = dialog.table
    first = [table.item(line, 0).text() for line in range(table.rowCount())]
    assert [text for text in first if text in GROUPS] == list(GROUPS)
    assert not [text for text in first if "_" in text], "no name of the settings file"
    for line, text in enumerate(first):
        chosen = bool(table.item(line, 0).flags() & Qt.ItemFlag.ItemIsSelectable)
        assert chosen is (text not in GROUPS)
    table.selectRow(first.index("Positions"))
    assert dialog.chosen is None
    assert not dialog.go.isEnabled()
    choose(dialog, "max_order_value")
    assert "limits.max_order_value" in table.item(table.currentRow(), 0).toolTip()
    assert dialog.value.placeholderText() == "New value in $"


def test_per_cent_is_typed_as_per_cent(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.PAPER)
    choose(dialog, "max_position_fraction")
    for text in ("5", "5%", " 5.0 % "):
        dialog.value.setText(text)
        assert dialog.note.text().startswith("Largest position goes from 10% to 5%.")
    dialog.go.click()
    assert limits.book.account.max_position_fraction == Decimal("0.05")
    assert dialog.note.text() == "Largest position is 5% from now on."
    assert choose(dialog, "max_position_fraction")[1] == "5"


@pytest.mark.parametrize(
    ("text", "value"),
    [("20,000", 20_000), ("$20,000.50", "20000.5"), ("1,250,000", 1_250_000), ("12,5", "12.5")],
)
def test_a_value_is_read_as_the_table_writes_it(text, value) -> None:
    assert typed_value(Place("max_order_value"), text) == Decimal(value)


async def test_one_of_a_symbol_stands_below_that_of_all_and_keeps_the_choice(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.PAPER)
    choose(dialog, "max_order_quantity")
    await limits.change(Place.of("symbols.ACME.max_order_value"), Decimal(2000))
    dialog.refresh()
    assert dialog.chosen is not None
    assert dialog.chosen.place.name == "max_order_quantity"
    assert choose(dialog, "symbols.ACME.max_order_value")[:2] == [
        "Order value, symbol ACME", "2,000",
    ]  # fmt: skip


def test_every_limit_has_a_name_and_a_group() -> None:
    assert set(TITLES) == set(SPECS)
    assert len(set(TITLES.values())) == len(TITLES)


def test_tighter_is_changed_without_a_word(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.LIVE)
    choose(dialog, "max_order_value")
    assert not dialog.go.isEnabled()
    dialog.value.setText("5000")
    assert dialog.typed.isHidden()
    assert "holds at once" in dialog.note.text()
    dialog.go.click()
    assert limits.book.account.max_order_value == 5000
    assert dialog.note.text() == "Order value is $5,000 from now on."
    assert choose(dialog, "max_order_value")[1] == "5,000"


def test_looser_on_a_live_account_waits_for_the_words(qtbot) -> None:
    dialog, limits = opened(qtbot, Mode.LIVE)
    choose(dialog, "max_order_value")
    dialog.value.setText("20000")
    assert not dialog.typed.isHidden()
    assert "from $10,000 to $20,000." in dialog.note.text()
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
    dialog.value.setText("1")
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
