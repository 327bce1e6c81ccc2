"""What is written can be read: 4.5 to 1 between each word and its ground, in all looks.

Not the tokens but what Qt made of them: colours as each widget of the window and of the gallery
has them after the style sheet, and painted grounds by their widget.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from cockpit.ui.gallery.board import board
from cockpit.ui.gallery.window import LOOKS, SECTIONS
from cockpit.ui.landmarks import shown_text
from cockpit.ui.theme import Theme
from cockpit.ui.theme.tokens import contrast
from cockpit.ui.widgets.buttons import button
from cockpit.ui.widgets.labels import label
from tests.support import eventually
from tests.unit.ui.test_window import stage  # noqa: F401 -- a fixture

LEAST = 4.5
WORDS = (QLabel, QAbstractButton, QLineEdit)


def written(root: QWidget) -> Iterator[QWidget]:
    """Visible, enabled widgets that show text in their palette's colour."""
    for widget in root.findChildren(QWidget):
        seen = widget.isVisible() and not widget.visibleRegion().isEmpty()
        if isinstance(widget, WORDS) and seen and widget.isEnabled() and shown_text(widget):
            yield widget


def ink(widget: QWidget) -> QColor:
    role = QPalette.ColorRole.WindowText
    if isinstance(widget, QAbstractButton):
        role = QPalette.ColorRole.ButtonText
    elif isinstance(widget, QLineEdit):
        role = QPalette.ColorRole.Text
    return widget.palette().color(role)


def ground(widget: QWidget, picture: QImage, root: QWidget) -> QColor:
    """The colour most of a widget's pixels have: words cover less than what they stand on."""
    place = widget.mapTo(root, widget.rect().topLeft())
    area = widget.rect().translated(place).intersected(picture.rect())
    counted: dict[int, int] = {}
    for y in range(area.top(), area.bottom() + 1, 2):
        for x in range(area.left(), area.right() + 1, 2):
            pixel = picture.pixel(x, y)
            counted[pixel] = counted.get(pixel, 0) + 1
    return QColor(max(counted, key=lambda pixel: counted[pixel]))


def weak(root: QWidget) -> dict[str, str]:
    """Words below the least contrast, with theirs."""
    picture = root.grab().toImage()
    found: dict[str, str] = {}
    for widget in written(root):
        pair = ink(widget).name(), ground(widget, picture, root).name()
        if contrast(*pair) < LEAST:
            named = f"{type(widget).__name__} {shown_text(widget)[:40]!r}"
            found[named] = f"{pair[0]} on {pair[1]}: {contrast(*pair):.2f}"
    return found


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_measure_sees_the_sheet_and_finds_what_is_weak(qtbot, qapp: QApplication):
    theme = Theme()
    theme.dress(qapp)
    root = QWidget()
    qtbot.addWidget(root)
    column = QVBoxLayout(root)
    tones = {tone: label(theme, f"In {tone}", tone=tone) for tone in ("critical", "faint")}
    send = button(theme, "Send", lambda: None, kind="primary")
    for part in (*tones.values(), send):
        column.addWidget(part)
    root.show()
    for tone, made in tones.items():
        assert ink(made).name() == getattr(theme.colours, tone)
    assert ink(send).name() == theme.colours.on_accent
    assert ground(send, root.grab().toImage(), root).name() == theme.colours.accent
    assert weak(root) == {}
    tones["faint"].setStyleSheet("color: #444444")
    assert list(weak(root)) == ["QLabel 'In faint'"]
    qapp.setStyleSheet("")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_every_word_of_the_gallery_can_be_read(qtbot, qapp: QApplication, look):
    theme = Theme(look.scheme, blue_orange=look.blue_orange)
    theme.dress(qapp)
    found: dict[str, str] = {}
    for section in SECTIONS:
        made = board(theme, section)
        qtbot.addWidget(made)
        made.show()
        qapp.processEvents()
        assert list(written(made))
        found |= weak(made)
    qapp.setStyleSheet("")
    assert found == {}


@pytest.mark.timeout(400)
async def test_every_word_of_the_window_can_be_read(stage, qapp):  # noqa: F811 -- that fixture
    theme = stage.window._theme
    stage.window.setWindowState(Qt.WindowState.WindowNoState)
    stage.window.resize(1366, 768)
    await eventually(lambda: stage.deck.header.width() == 1366)
    for look in LOOKS:
        theme.set(scheme=look.scheme, blue_orange=look.blue_orange)
        theme.dress(qapp)
        stage.bridge.flush(heartbeat=True)
        assert weak(stage.window) == {}, look.name
