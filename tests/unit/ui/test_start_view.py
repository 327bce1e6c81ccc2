"""While the core comes up the window says what it waits for, and how long."""

from __future__ import annotations

from cockpit.domain.connection import JOURNAL_LAMP, Connection, Health
from cockpit.kernel.clock import SECOND, WallClock
from cockpit.ui.start_view import StartView
from cockpit.ui.theme import Theme


def test_what_a_person_is_asked_for_is_shown_with_the_time_left(qtbot):
    view = StartView(Theme(), "live trading")
    qtbot.addWidget(view)
    usual, lamps = view.text.text(), list[Connection]()
    view.follow(lamps)

    def lamp(health: Health, detail: str = "", within_s: int = 0) -> None:
        by = WallClock().now_ns() + within_s * SECOND if within_s else 0
        lamps.append(
            Connection(name="x", kind="broker", health=health, detail=detail, act_by_ns=by)
        )

    lamp(Health.CONNECTING)
    qtbot.waitUntil(lambda: view.text.text() == usual)
    lamp(Health.CONNECTING, "Approve it in the app.", 100)
    qtbot.waitUntil(lambda: view.text.text() == "Approve it in the app.\n\n1:39 left")
    lamp(Health.UP)
    qtbot.waitUntil(lambda: view.text.text() == usual)
    lamps.append(
        Connection(name="journal", kind=JOURNAL_LAMP, health=Health.CONNECTING, detail="20 of 90")
    )
    qtbot.waitUntil(lambda: view.text.text() == "20 of 90")
    lamps.append(Connection(name="journal", kind=JOURNAL_LAMP, health=Health.UP))
    qtbot.waitUntil(lambda: view.text.text() == usual)
    view.fail("The sign-in was refused.")
    assert "refused" in view.text.text()
