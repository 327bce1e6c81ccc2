"""The theme as an object: hands out colours, fonts, icons, and tells when it changes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from cockpit.ui.theme.fonts import FontRole, font, load_fonts
from cockpit.ui.theme.icons import icon
from cockpit.ui.theme.qss import stylesheet
from cockpit.ui.theme.tokens import Colours, Motion, Scheme, palette

_STYLED = "cockpitStyled"


class Theme(QObject):
    """What every panel asks for its look; redraw on `changed`."""

    changed = Signal()

    def __init__(
        self,
        scheme: Scheme = Scheme.DARK,
        *,
        blue_orange: bool = False,
        reduced_motion: bool = False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scheme = scheme
        self._blue_orange = blue_orange
        self._colours = palette(scheme, blue_orange=blue_orange)
        self.reduced_motion = reduced_motion

    @property
    def scheme(self) -> Scheme:
        """Dark or light."""
        return self._scheme

    @property
    def blue_orange(self) -> bool:
        """True when gains are blue and losses orange."""
        return self._blue_orange

    @property
    def colours(self) -> Colours:
        """The colours by role."""
        return self._colours

    def colour(self, role: str) -> QColor:
        """A colour by its role's name, e.g. "up"."""
        return QColor(getattr(self._colours, role))

    def font(self, role: FontRole = FontRole.BODY) -> QFont:
        """The font of a role, with tabular figures."""
        return font(role)

    def icon(self, name: str, role: str = "muted") -> QIcon:
        """An icon by meaning in the colour of `role`; loads the icon font on first use."""
        return icon(name, getattr(self._colours, role), self._colours.off)

    def motion(self, duration: Motion) -> int:
        """Milliseconds of a movement; 0 with reduced motion (holding and reading times stay)."""
        still = self.reduced_motion and duration not in (Motion.HOLD, Motion.TOAST)
        return 0 if still else int(duration)

    def set(
        self,
        *,
        scheme: Scheme | None = None,
        blue_orange: bool | None = None,
        reduced_motion: bool | None = None,
    ) -> None:
        """Change the look and tell everybody."""
        if reduced_motion is not None:
            self.reduced_motion = reduced_motion
        self._scheme = self._scheme if scheme is None else scheme
        self._blue_orange = self._blue_orange if blue_orange is None else blue_orange
        self._colours = palette(self._scheme, blue_orange=self._blue_orange)
        self.changed.emit()

    def dress(self, app: QApplication) -> None:
        """Put fonts, style, palette and style sheet on the application; again after `set`.

        A new style makes Qt look at every widget anew, as a new sheet does: once is enough.
        """
        if app.property(_STYLED) is None:
            load_fonts()
            app.setStyle("Fusion")
            app.setFont(font())
            app.setProperty(_STYLED, True)
        app.setPalette(_qt_palette(self._colours))
        app.setStyleSheet(stylesheet(self._colours))


_ROLES = {
    QPalette.ColorRole.Window: "canvas",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "raised",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "critical",
    QPalette.ColorRole.Highlight: "accent_soft",
    QPalette.ColorRole.HighlightedText: "text",
    QPalette.ColorRole.Link: "accent",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.Light: "line_strong",
    QPalette.ColorRole.Midlight: "line_strong",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "line",
    QPalette.ColorRole.Shadow: "canvas",
}


def _qt_palette(colours: Colours) -> QPalette:
    result = QPalette()
    for role, name in _ROLES.items():
        result.setColor(role, QColor(getattr(colours, name)))
    for role in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.PlaceholderText,
    ):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.off))
    return result
