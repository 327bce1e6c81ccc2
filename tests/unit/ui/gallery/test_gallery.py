"""The gallery looks as it looked when somebody last agreed to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QFontInfo, QImage, QPainter
from PySide6.QtWidgets import QWidget

from cockpit.ui.gallery.window import LOOKS, SECTIONS, Gallery
from cockpit.ui.theme import Theme
from tests.support import gallery
from tests.support.program import ARTIFACTS

RENEW = "if it is meant: python -m tests.support.gallery, look at the pictures, commit them"
LARGEST = 400_000


@pytest.fixture
def bare(qapp) -> Iterator[None]:
    yield
    qapp.setStyleSheet("")


@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="letters are drawn differently elsewhere")
@pytest.mark.qt_log_ignore("This plugin does not support")
def test_every_board_looks_as_agreed(qapp, bare):
    assert qapp.devicePixelRatio() == 1
    changed: dict[str, float] = {}
    seen: set[str] = set()
    for name, image in gallery.now(qapp):
        seen.add(name)
        reference = QImage(str(gallery.FOLDER / f"{name}.png"))
        share = gallery.differing(image, reference)
        if share > gallery.ALLOWED:
            changed[name] = share
            ARTIFACTS.mkdir(exist_ok=True)
            image.save(str(ARTIFACTS / f"gallery-{name}.png"))
    assert changed == {}, RENEW
    assert QFontInfo(Theme().font()).family() == "Inter"
    assert seen == {file.stem for file in gallery.FOLDER.glob("*.png")}, RENEW


def test_the_references_stay_small():
    sizes = [file.stat().st_size for file in gallery.FOLDER.glob("*.png")]
    assert len(sizes) >= 2 * len(SECTIONS)
    assert sum(sizes) < LARGEST


@pytest.mark.parametrize("fault", ["a button's worth is gone", "another colour", "another size"])
def test_a_change_is_seen(fault):
    reference = QImage(str(gallery.FOLDER / "dark-controls.png"))
    changed = reference.convertToFormat(QImage.Format.Format_RGB888)
    if fault == "another size":
        changed = changed.scaled(changed.width(), changed.height() + 1)
    else:
        with QPainter(changed) as painter:
            colour = QColor("#11151c" if fault.startswith("a button") else "#ff0000")
            painter.fillRect(10, 26, 26, 12, colour)
    assert gallery.differing(reference, reference.copy()) == 0
    assert gallery.differing(reference, changed) > gallery.ALLOWED


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_window_shows_all_boards_and_changes_its_look(qtbot, qapp, bare):
    theme = Theme()
    theme.dress(qapp)
    window = Gallery(theme)
    qtbot.addWidget(window)
    window.show()
    assert list(window.boards) == [section.name for section in SECTIONS]
    window.look.setCurrentIndex(3)
    assert (theme.scheme, theme.blue_orange) == LOOKS[3][1:]
    window.still.setChecked(True)
    assert theme.reduced_motion
    assert all(isinstance(made, QWidget) and made.isVisible() for made in window.boards.values())
