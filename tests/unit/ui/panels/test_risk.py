from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from cockpit.app.limits.status import limit_status
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.kernel.bus import Bus
from cockpit.risk.board import Gauge
from cockpit.ui.bridge import Bridge
from cockpit.ui.panels.risk import VIEWING, RiskPanel
from cockpit.ui.theme import Theme

RULES = LimitRules.of(Limits())


def gross(value: float) -> Gauge:
    return Gauge(
        name="gross_exposure", subject="", value=value, limit=100, unit="USD", armed=True, ts_ns=1
    )


@pytest.fixture
def bridge(qapp):
    made = Bridge(Bus())
    yield made
    made.close()


def test_the_fullest_limit_stands_on_top_and_follows(bridge, qtbot):
    now = [gross(10)]
    panel = RiskPanel(lambda: limit_status(RULES, now, None), bridge, Theme())
    qtbot.addWidget(panel)
    panel.show()
    bridge.flush(heartbeat=True)
    assert (panel.lines[0].name.text(), panel.lines[0].used.text()) == ("Gross exposure", "10%")
    assert "have room" in panel.told.toolTip()
    now[0] = gross(96)
    bridge.flush(heartbeat=True)
    assert panel.lines[0].used.text() == "96%"
    assert panel.lines[0].state.text() == "near"
    assert panel.told.toolTip() == "To look at: gross exposure."


def test_limits_that_were_hidden_are_of_now_when_they_come_back(bridge, qtbot):
    now = [gross(10)]
    panel = RiskPanel(lambda: limit_status(RULES, now, None), bridge, Theme())
    qtbot.addWidget(panel)
    panel.show()
    assert panel.lines[0].used.text() == "10%", "before the first heartbeat"
    panel.hide()
    now[0] = gross(96)
    bridge.flush(heartbeat=True)
    assert panel.lines[0].used.text() == "10%", "nobody sees it: nothing is measured for it"
    panel.show()  # and no heartbeat after it
    assert (panel.lines[0].used.text(), panel.lines[0].state.text()) == ("96%", "near")
    assert panel.told.toolTip() == "To look at: gross exposure."


def test_its_button_asks_for_the_limits(bridge, qtbot):
    panel = RiskPanel(lambda: limit_status(RULES, (), None), bridge, Theme())
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.change_requested, timeout=500):
        qtbot.mouseClick(panel.change, Qt.MouseButton.LeftButton)


def test_a_viewer_is_told_where_limits_are_measured(bridge, qtbot):
    panel = RiskPanel(None, bridge, Theme())
    qtbot.addWidget(panel)
    panel.show()
    bridge.flush(heartbeat=True)
    assert panel.told.toolTip() == VIEWING
    assert not panel.change.isEnabled()
