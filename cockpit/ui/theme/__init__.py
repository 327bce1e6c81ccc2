"""The look in one place: colours, spacing, type, icons, motion and number formats."""

from __future__ import annotations

from cockpit.ui.theme.fonts import FontRole
from cockpit.ui.theme.theme import Theme
from cockpit.ui.theme.tokens import Colours, Inset, Motion, Radius, Scheme, Space

__all__ = [
    "Colours", "FontRole", "Inset", "Motion", "Radius", "Scheme", "Space", "Theme",
]  # fmt: skip
