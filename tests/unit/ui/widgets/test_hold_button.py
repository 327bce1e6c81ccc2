from PySide6.QtCore import Qt

from cockpit.ui.theme import Motion, Theme
from cockpit.ui.widgets.hold_button import HoldButton


def held_button(qtbot) -> HoldButton:
    button = HoldButton(Theme(), "KILL SWITCH", "hold")
    qtbot.addWidget(button)
    button.show()
    return button


def test_held_long_enough_it_fires_once(qtbot):
    button = held_button(qtbot)
    fired = []
    button.fired.connect(lambda: fired.append(1))
    with qtbot.waitSignal(button.fired, timeout=int(Motion.HOLD) * 5):
        qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert fired == [1]
    assert button.progress == 0


def test_let_go_early_nothing_happens(qtbot):
    button = held_button(qtbot)
    fired = []
    button.fired.connect(lambda: fired.append(1))
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: button.progress > 0)
    with qtbot.waitSignal(button.released_early):
        qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert button.progress == 0
    assert fired == []


def test_space_holds_as_the_mouse_does(qtbot):
    button = held_button(qtbot)
    with qtbot.waitSignal(button.fired, timeout=int(Motion.HOLD) * 5):
        qtbot.keyPress(button, Qt.Key.Key_Space)
    qtbot.keyRelease(button, Qt.Key.Key_Space)


def test_a_click_with_the_other_button_or_while_disabled_starts_nothing(qtbot):
    button = held_button(qtbot)
    qtbot.mousePress(button, Qt.MouseButton.RightButton)
    assert not button.isDown()
    button.setEnabled(False)
    button._begin()
    assert not button.isDown()
    assert button.progress == 0
