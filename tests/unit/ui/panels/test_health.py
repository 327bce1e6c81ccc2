"""The Health panel on real findings; only the commands are a small stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest

from cockpit.app.health.findings import Finding, Findings, HealthChanged
from cockpit.domain.errors import CockpitError
from cockpit.domain.events import ArmingChanged
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.ports.health import Check, CheckState
from cockpit.ui.bridge import Bridge
from cockpit.ui.panels.health import VIEWING, HealthPanel
from cockpit.ui.panels.health_rows import ChangeRow, FindingRow
from cockpit.ui.theme import Theme
from cockpit.ui.words import CHECK_LOOKS
from tests.support import eventually

OK, WARNING, FAILED, UNKNOWN = CheckState


class Core:
    """Findings, arming and bridge as in the core, and commands that answer at once."""

    def __init__(self) -> None:
        self.bus, self.findings, self.bridge = Bus(), Findings(), None
        self.bridge = Bridge(self.bus)
        self.armed, self.reason, self.hindrance = False, "Off at every start.", ""
        self.calls: list[str] = []
        self.refuse = ""
        self.tasks: set[asyncio.Task[None]] = set()

    def found(self, group: str, name: str, state: CheckState, **more: object) -> None:
        now = WallClock().now_ns()
        check = Check(
            name=name,
            state=state,
            found=str(more.get("found", f"{name} was looked at.")),
            next_step=str(more.get("step", "")),
            required=True,
            checked_at=now - int(more.get("age_s", 0)) * SECOND,  # type: ignore[call-overload]
        )
        finding = Finding(group=group, check=check, since_ns=now, good_for_s=20.0)
        self.findings.put(finding)
        self.bus.publish(HealthChanged(findings=(finding,), ts_event=0, ts_init=0))
        self.bridge.flush()

    def touch(self) -> None:
        self.calls.append("touch")

    def why_not(self) -> str:
        return self.hindrance

    def run(self, command: Coroutine, name: str, on_error=None) -> None:
        async def reported() -> None:
            try:
                await command
            except CockpitError as error:
                if on_error is not None:
                    on_error(error.user_text)

        task = asyncio.get_running_loop().create_task(reported(), name=name)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def check_health(self) -> None:
        self.calls.append("check")

    async def arm(self) -> None:
        self.calls.append("arm")
        if self.refuse:
            raise CockpitError("refused", user_text=self.refuse)
        self._turn(armed=True, reason="Armed by you")

    async def disarm(self) -> None:
        self.calls.append("disarm")
        self._turn(armed=False, reason="Disarmed by you")

    def _turn(self, *, armed: bool, reason: str) -> None:
        self.armed, self.reason = armed, reason
        self.bus.publish(ArmingChanged(armed=armed, reason=reason, ts_event=0, ts_init=0))
        self.bridge.flush()


@pytest.fixture
def core(qapp):
    made = Core()
    yield made
    made.bridge.close()


@pytest.fixture
def panel(core, qtbot):
    made = HealthPanel(core.findings, core, core, core.bridge, Theme())
    qtbot.addWidget(made)
    made.resize(680, 220)
    made.show()
    core.bridge.flush()
    return made


def titles(panel: HealthPanel) -> list[str]:
    return [row.accessibleName() for row in panel.rows.values()]


def test_before_the_first_check_it_says_what_to_do(panel):
    assert panel.empty.isVisible()
    assert panel.summary.text == "Not checked"
    assert panel.lamp.text == "DISARMED"


def test_each_state_has_a_word_and_a_shape_of_its_own():
    assert set(CHECK_LOOKS) == set(CheckState)
    for part in ("text", "mark", "role"):
        assert len({getattr(look, part) for look in CHECK_LOOKS.values()}) == len(CheckState)


def test_what_is_not_green_stands_on_top_with_its_next_step(panel, core):
    core.found("session", "books", OK)
    assert panel.summary.text == "All green"
    assert panel.told.toolTip() == "Nothing hinders arming."
    core.found("machine", "disk", FAILED, found="0.0 GB free.", step="Make room.")
    core.found("market", "prices", WARNING)
    assert list(panel.rows) == ["machine/disk", "market/prices", "session/books"]
    assert titles(panel)[0] == "machine, disk: Failed. 0.0 GB free. Make room."
    assert panel.summary.text == "Failed: 1"
    core.found("machine", "disk", OK)
    assert panel.summary.text == "To look at: 1"
    assert list(panel.rows) == ["market/prices", "session/books", "machine/disk"]


def test_words_and_age_are_followed_without_new_rows(panel, core):
    core.found("machine", "disk", OK, found="3.2 GB free.", age_s=4)
    row = panel.rows["machine/disk"]
    assert row._age.text() == "4.0 s ago"
    check = Check(name="disk", state=OK, found="3.1 GB free.", checked_at=WallClock().now_ns())
    core.findings.put(Finding(group="machine", check=check, since_ns=0, good_for_s=20.0))
    core.bridge.flush(heartbeat=True)
    assert panel.rows["machine/disk"] is row
    assert "3.1 GB free." in row.accessibleName()


def test_what_was_not_looked_at_for_long_is_marked(panel, core):
    core.found("machine", "disk", OK, age_s=45)
    age = panel.rows["machine/disk"]._age
    assert (age.text(), age.property("tone")) == ("45 s ago", "warning")
    assert age.toolTip() == "Not looked at as it should have been"


def test_the_history_of_the_day_newest_first(panel, core):
    core.found("machine", "disk", OK)
    core.found("machine", "disk", FAILED, found="0.0 GB free.")
    panel.changes.click()
    shown = [r.accessibleName() for r in panel.findChildren(ChangeRow) if not r.isHidden()]
    assert sorted(shown) == [
        "Failed: machine, disk: 0.0 GB free.",
        "OK: machine, disk: disk was looked at.",
    ]
    panel.changes.click()
    assert [r for r in panel.findChildren(FindingRow) if not r.isHidden()]


async def test_check_now_and_arm(panel, core):
    core.found("session", "books", OK)
    panel.check.click()
    assert not panel.check.isEnabled()
    await eventually(panel.check.isEnabled)
    panel.arm.click()
    await eventually(lambda: panel.lamp.text == "ARMED")
    assert panel.arm.text() == "Disarm"
    assert panel.told.toolTip() == "Armed by you"
    panel.arm.click()
    await eventually(lambda: panel.lamp.text == "DISARMED")
    assert core.calls == ["check", "arm", "disarm"]


async def test_a_refusal_stands_where_it_was_asked_for(panel, core):
    core.found("session", "books", FAILED)
    core.hindrance = "session, books: they differ."
    core.refuse = "It was not armed: session, books: they differ. Compare again."
    panel.arm.click()
    await eventually(lambda: panel.told.toolTip() == core.refuse)
    assert panel.arm.isEnabled()
    assert panel.lamp.text == "DISARMED"


def test_a_viewer_looks_and_asks_for_nothing(core, qtbot):
    panel = HealthPanel(core.findings, core, core, core.bridge, Theme(), read_only=True)
    qtbot.addWidget(panel)
    core.found("session", "books", OK)
    assert panel.told.toolTip() == VIEWING
    assert not panel.check.isEnabled()
    assert not panel.arm.isEnabled()


def test_what_was_found_while_nobody_looked_is_there_when_somebody_does(core, panel):
    panel.hide()
    core.found("disk", "room", FAILED)
    assert "disk/room" not in panel.rows
    assert "1" in panel.summary.text
    panel.show()
    assert len(panel.rows) == 1
