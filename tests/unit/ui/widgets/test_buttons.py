from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QPushButton, QToolButton

from cockpit.ui.theme import Scheme, Theme
from cockpit.ui.widgets.buttons import button, icon_button, set_icon


@pytest.fixture
def theme(qapp) -> Iterator[Theme]:
    made = Theme()
    made.dress(qapp)
    yield made
    qapp.setStyleSheet("")


def picture(target: QPushButton | QToolButton) -> QImage:
    return target.icon().pixmap(16, 16).toImage()


def drawn(theme: Theme, icon: str, role: str) -> QImage:
    return theme.icon(icon, role).pixmap(16, 16).toImage()


def nothing() -> None:
    pass


def test_a_first_icon_follows_the_theme(theme, qtbot):
    made = icon_button(theme, "pause", "Pause", nothing)
    qtbot.addWidget(made)
    before = picture(made)
    theme.set(scheme=Scheme.LIGHT)
    assert picture(made) == drawn(theme, "pause", "muted")
    assert picture(made) != before


def test_a_changed_icon_outlives_a_change_of_theme(theme, qtbot):
    for made in (
        icon_button(theme, "pause", "Pause", nothing),
        button(theme, "Pause", nothing, icon="pause"),
    ):
        qtbot.addWidget(made)
        set_icon(theme, made, "play", "accent")
        assert picture(made) == drawn(theme, "play", "accent")
        theme.set(scheme=Scheme.LIGHT)
        assert picture(made) == drawn(theme, "play", "accent")
        assert picture(made) != drawn(theme, "pause", "accent")
        theme.set(scheme=Scheme.DARK)
