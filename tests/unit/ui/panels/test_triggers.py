"""The triggers panel and its dialog: what they show, judge and ask for."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from cockpit.domain.errors import CockpitError
from cockpit.domain.events import TriggersChanged
from cockpit.kernel.bus import Bus
from cockpit.market.triggers import Trigger
from cockpit.ui.bridge import Bridge
from cockpit.ui.dialogs.trigger import TriggerDialog
from cockpit.ui.panels.triggers import TriggersPanel
from cockpit.ui.theme import Theme

KEPT = (
    Trigger(name="break", symbol="ABC", when="crosses 100"),
    Trigger(name="gone", symbol="XYZ", when="moves 3%", again=True, on=False),
    Trigger(name="said", symbol="ABC", when="spread 1%", spent=True, fired_ns=10**18),
)


class Desk:
    """Keeps triggers in a dict, at once."""

    def __init__(self) -> None:
        self.kept = {trigger.name: trigger for trigger in KEPT}
        self.asked: list[tuple[str, object]] = []

    def all(self) -> list[Trigger]:
        return [self.kept[name] for name in sorted(self.kept)]

    def in_session(self, trigger: Trigger) -> bool:
        return trigger.symbol == "ABC"

    async def put(self, trigger: Trigger, *, replaces: str = "") -> None:
        self.kept.pop(replaces, None)
        self.kept[trigger.name] = trigger

    async def switch(self, name: str, *, on: bool) -> None:
        self.asked.append((name, on))

    async def remove(self, name: str) -> Trigger:
        return self.kept.pop(name)


class Doing:
    """Commands that are done at once."""

    def run(
        self, body: Coroutine[Any, Any, None], _name: str, failed: Callable[[str], None]
    ) -> None:
        try:
            body.send(None)
        except StopIteration:
            return
        except CockpitError as error:
            failed(error.user_text)


def panel(qtbot) -> tuple[TriggersPanel, Desk, Bridge]:
    desk: Any = Desk()
    commands: Any = Doing()
    bridge = Bridge(Bus())
    made = TriggersPanel(desk, commands, bridge, Theme())
    qtbot.addWidget(made)
    return made, desk, bridge


def texts(shown: TriggersPanel) -> list[list[str]]:
    table = shown.table
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_each_row_says_state_and_when_it_spoke(qtbot) -> None:
    shown, _, bridge = panel(qtbot)
    assert [(row[0], row[3], row[4]) for row in texts(shown)] == [
        ("break", "once", "Watching"),
        ("gone", "each time, 60 s between", "Off"),
        ("said", "once", "Spent"),
    ]
    assert [row[5] for row in texts(shown)] == ["never", "never", "Sat 8 Sep 2001 21:46:40"]
    bridge.close()


def test_the_button_says_what_it_does_to_the_chosen_one(qtbot) -> None:
    shown, desk, bridge = panel(qtbot)
    said = []
    for row in range(3):
        shown.table.selectRow(row)
        said.append(shown.switch_button.text())
        shown.switch()
    assert said == ["Turn off", "Turn on", "Watch again"]
    assert desk.asked == [("break", False), ("gone", True), ("said", True)]
    bridge.close()


def test_removed_is_put_back(qtbot) -> None:
    shown, desk, bridge = panel(qtbot)
    assert shown.undo_button.isHidden()
    shown.remove()
    assert sorted(desk.kept) == ["gone", "said"]
    assert not shown.undo_button.isHidden()
    shown.undo()
    assert sorted(desk.kept) == ["break", "gone", "said"]
    assert shown.undo_button.isHidden()
    bridge.close()


def test_it_follows_what_is_kept(qtbot) -> None:
    shown, desk, bridge = panel(qtbot)
    desk.kept.clear()
    bridge._on_fact(TriggersChanged(name="break", ts_event=1, ts_init=1))
    bridge.flush()
    assert shown.stack.currentWidget() is shown.empty
    assert not shown.remove_button.isEnabled()
    bridge.close()


def test_a_viewer_changes_nothing(qtbot) -> None:
    commands: Any = Doing()
    bridge = Bridge(Bus())
    shown = TriggersPanel(None, commands, bridge, Theme())
    qtbot.addWidget(shown)
    assert not shown.new_button.isEnabled()
    assert "you view" in shown.empty.text.text()
    bridge.close()


def dialog(qtbot, before: Trigger | None = None, **given: str) -> TriggerDialog:
    made = TriggerDialog(Theme(), None, ["ABC", "XYZ"], {"ABC": 312.4}.get, before, **given)
    qtbot.addWidget(made)
    return made


def test_a_sentence_is_judged_while_one_types(qtbot) -> None:
    asked = dialog(qtbot, symbol="ABC")
    assert (asked.note.text(), asked.go.isEnabled()) == ("Say what to wait for.", False)
    asked.when.setText("price > 5")
    assert "is no condition" in asked.note.text()
    assert not asked.go.isEnabled()
    asked.when.setText("crosses up  320")
    assert "ABC crosses up 320 (now at 312.40)" in asked.note.text()
    assert asked.wanted == Trigger(name="ABC crosses up 320", symbol="ABC", when="crosses up 320")


def test_every_example_is_a_condition_near_the_price(qtbot) -> None:
    asked = dialog(qtbot, symbol="ABC")
    for index in range(1, asked.examples.count()):
        asked.examples.activated.emit(index)
        assert asked.go.isEnabled(), asked.when.text()
    asked.examples.activated.emit(1)
    assert asked.when.text() == "crosses 312.40"


def test_a_change_keeps_its_name_and_arms_it_afresh(qtbot) -> None:
    asked = dialog(qtbot, KEPT[2])
    assert (asked.name.text(), asked.when.text()) == ("said", "spread 1%")
    assert not asked.rest.isEnabled()
    asked.again.setChecked(True)
    asked.rest.setText("5")
    wanted = asked.wanted
    assert (wanted.name, wanted.again, wanted.rest_s, wanted.spent) == ("said", True, 5.0, False)
    asked.rest.setText("often")
    assert not asked.go.isEnabled()
