"""A row of quiet buttons of which one is down: the views of a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from cockpit.ui.theme import FontRole, Space, Theme


def segments(
    theme: Theme, parent: QWidget, names: Sequence[str], chosen: Callable[[int], object]
) -> tuple[QHBoxLayout, QButtonGroup]:
    """The row and the group of its buttons; `chosen` gets the place of the one clicked."""
    row = QHBoxLayout()
    row.setSpacing(Space.XS)
    group = QButtonGroup(parent)
    for place, name in enumerate(names):
        made = QPushButton(name)
        made.setCheckable(True)
        made.setChecked(place == 0)
        made.setProperty("kind", "quiet")
        made.setFont(theme.font(FontRole.CAPTION))
        made.setAccessibleName(f"Show {name.lower()}")
        group.addButton(made, place)
        row.addWidget(made)
    group.idClicked.connect(chosen)
    return row, group
