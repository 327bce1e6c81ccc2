"""What the Qt binding does to None, in the self-check and over a thousand turns of the loop."""

import asyncio
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from cockpit.ui import selfcheck
from cockpit.ui.loop import CockpitLoop


class Busy(QWidget):
    """A widget with the overrides that widgets of ours have."""

    painted = 0

    def paintEvent(self, event: QEvent) -> None:
        self.painted += 1

    def timerEvent(self, event: QEvent) -> None:
        super().timerEvent(event)


def test_none_keeps_its_references_over_a_thousand_turns(qapp: QApplication) -> None:
    loop, widget, turns = CockpitLoop(qapp), Busy(), 0
    ticker = QTimer()
    ticker.setInterval(0)
    ticker.timeout.connect(widget.update)

    async def body() -> int:
        nonlocal turns
        lost = sys.getrefcount(None)
        while turns < 1000:
            done = loop.create_future()
            QTimer.singleShot(0, lambda done=done: done.set_result(None))  # a slot, a Qt turn
            await done
            turns += 1
        return lost - sys.getrefcount(None)

    widget.show()
    ticker.start()
    lost = loop.run_until_complete(asyncio.wait_for(body(), 30))
    ticker.stop()
    widget.close()
    loop.close()
    assert turns == 1000
    assert widget.painted > 0
    assert lost < 500  # the bad pair loses several in each turn


def test_this_pair_passes(qapp: QApplication) -> None:
    selfcheck.check_qt_pair()
    assert abs(selfcheck.lost_references()) <= 5


@pytest.mark.parametrize(
    ("qt", "python", "bad"),
    [
        ((6, 12, 0), (3, 11), True),
        ((6, 12, 0), (3, 12), False),
        ((6, 12, 1), (3, 11), False),
        ((6, 11, 2), (3, 11), False),
        ((6, 11, 2), (3, 13), False),
    ],
)
def test_the_list_of_bad_pairs(qt: tuple[int, ...], python: tuple[int, ...], bad: bool) -> None:
    assert selfcheck.is_known_bad(qt, python) is bad


def test_a_pair_that_loses_references_is_refused_with_the_next_step(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selfcheck, "lost_references", lambda: selfcheck.EVENTS)
    with pytest.raises(selfcheck.QtPairError, match="100 references to None lost") as caught:
        selfcheck.check_qt_pair()
    assert "Run the set-up again" in caught.value.user_text
    assert caught.value.code == "UI_BAD_QT_PAIR"


def test_importing_the_check_needs_no_application() -> None:
    code = "import cockpit.ui.selfcheck as s; print(s.EVENTS)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "100"
