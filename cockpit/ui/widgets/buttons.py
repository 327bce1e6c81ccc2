"""Push buttons in the theme's kinds, each with a name for those who don't see it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtWidgets import QPushButton, QToolButton

from cockpit.ui.theme import FontRole, Theme

_ICON, _ROLE = "iconName", "iconRole"


def button(
    theme: Theme,
    text: str,
    on_click: Callable[[], None],
    *,
    kind: str = "",
    icon: str = "",
    name: str = "",
    tooltip: str = "",
) -> QPushButton:
    """A push button; `kind` is primary, approve, danger, quiet or empty."""
    made = QPushButton(text)
    made.setFont(theme.font(FontRole.STRONG if kind in ("primary", "approve") else FontRole.BODY))
    made.setAccessibleName(name or text)
    made.setToolTip(tooltip)
    made.setAutoDefault(False)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        _follow(theme, made, icon, _icon_role(kind))
    made.clicked.connect(lambda _checked=False: on_click())
    return made


def room_for(made: QPushButton, words: str) -> None:
    """Let a button whose words change be as wide as with these: what is beside it stays."""
    said = made.text()
    made.setText(words)
    made.setMinimumWidth(made.sizeHint().width())
    made.setText(said)


def icon_button(
    theme: Theme, icon: str, name: str, on_click: Callable[[], None], *, checkable: bool = False
) -> QToolButton:
    """A quiet button with an icon only; its name is its tooltip too."""
    made = QToolButton()
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setCheckable(checkable)
    _follow(theme, made, icon, "muted")
    made.clicked.connect(lambda _checked=False: on_click())
    return made


def set_icon(
    theme: Theme, target: QPushButton | QToolButton, icon: str, role: str = "text"
) -> None:
    """Change a button's icon; it stays over a change of theme."""
    target.setProperty(_ICON, icon)
    target.setProperty(_ROLE, role)
    _draw(theme, target)


def _icon_role(kind: str) -> str:
    return {"primary": "on_accent", "approve": "on_up", "danger": "critical", "quiet": "muted"}.get(
        kind, "text"
    )


def _draw(theme: Theme, target: QPushButton | QToolButton) -> None:
    target.setIcon(theme.icon(target.property(_ICON), target.property(_ROLE)))


def _follow(theme: Theme, target: QPushButton | QToolButton, icon: str, role: str) -> None:
    def draw() -> None:
        _draw(theme, target)

    set_icon(theme, target, icon, role)
    theme.changed.connect(draw)

    def leave() -> None:
        with suppress(RuntimeError):  # at the very end the theme may be gone first
            theme.changed.disconnect(draw)

    target.destroyed.connect(leave)
