"""Leaving: all that is open is counted and named, as it stands while the question stands."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel

from cockpit.ui.dialogs.leave import LeaveDialog
from cockpit.ui.models.business import NAMED, Business, named
from cockpit.ui.theme import Theme

ONE, OTHER = "LONG 27 TALVO, stop 163.79", "SHORT 194 MERID, no stop"
ALL = Business(
    orders=("SELL 27 TALVO @ stop 163.79", "BUY 5 KORVA @ limit 300.00"),
    positions=(ONE, OTHER),
    bare=(OTHER,),
    proposals=("BUY 1 A @ market", "BUY 2 B @ market", "BUY 3 C @ market"),
)


def words(dialog: LeaveDialog) -> list[str]:
    return [part.text() for part in dialog.findChildren(QLabel) if not part.isHidden()]


def asked(qtbot, look, note: str = "", *, simulated: bool = False) -> LeaveDialog:
    dialog = LeaveDialog(Theme(), None, look, note, simulated=simulated)
    qtbot.addWidget(dialog)
    return dialog


def test_what_is_open_is_counted_in_words():
    assert Business().counted == ""
    assert not Business()
    assert Business(orders=("one",)).counted == "1 open order"
    assert ALL.counted == "2 open orders, 2 positions (1 without a stop) and 3 waiting proposals"


def test_each_of_it_is_named_and_what_nothing_protects_comes_first(qtbot):
    told = words(asked(qtbot, lambda: ALL))
    assert told[1] == f"Still open: {ALL.counted}."
    assert told[2:10] == [
        "Without a stop", OTHER, "Positions", ONE, "Open orders", "\n".join(ALL.orders),
        "Waiting proposals", "\n".join(ALL.proposals),
    ]  # fmt: skip


def test_it_follows_what_happens_while_it_is_asked(qtbot):
    now = [Business(proposals=("BUY 1 A @ market",))]
    dialog = asked(qtbot, lambda: now[0])
    assert "1 waiting proposal." in words(dialog)[1]
    now[0] = ALL
    qtbot.waitUntil(lambda: "3 waiting proposals." in words(dialog)[1])
    now[0] = Business()
    dialog.refresh()
    assert words(dialog)[1] == "Nothing is open now."
    assert "Waiting proposals" not in words(dialog)


def test_only_a_note_is_open(qtbot):
    told = words(asked(qtbot, Business, "Tuesday 3 Mar 2026"))
    assert told[0] == "Quit without saving?"
    assert "The note of Tuesday 3 Mar 2026 is not saved. Without saving, it is lost." in told


def test_a_long_list_ends_in_a_count():
    assert named([str(place) for place in range(NAMED)]).count("\n") == NAMED - 1
    assert named([str(place) for place in range(NAMED + 3)]).endswith("\nand 3 more")
