"""The badge of a linked panel: the number of its group on the group's colour, and the choice."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QMenu, QToolButton

from cockpit.ui.links import ALONE, GROUPS, Link
from cockpit.ui.theme import FontRole, Theme

SIDE = 18
_CHIP = 14.0
_ROUND = 4.0
_TIP = "Panels with the same number show the same symbol. Click, or Space, to choose."


class LinkBadge(QToolButton):
    """In the tab of `panel`: says its group by number and colour; a click or Space chooses."""

    def __init__(self, theme: Theme, panel: str, link: Link) -> None:
        super().__init__()
        self._theme, self._panel, self.link = theme, panel, link
        self.setFixedSize(SIDE, SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clicked.connect(lambda _checked=False: self.open_menu())
        self.menu_open: QMenu | None = None
        link.joined.connect(self._joined)
        theme.changed.connect(self.update)
        self._joined(link.group)

    def _joined(self, group: int) -> None:
        said = f"{self._panel}: {words(group)}"
        self.setAccessibleName(said)
        self.setToolTip(f"{said}. {_TIP}")
        self.update()

    def open_menu(self) -> None:
        """Offer all groups, each with what it shows now."""
        menu = QMenu(self)
        menu.setAccessibleName(f"Link group of {self._panel}")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        choice = QActionGroup(menu)
        for group in (*GROUPS, ALONE):
            action = QAction(self._text_of(group), menu)
            action.setIcon(QIcon(_picture(self._theme, group, self.devicePixelRatioF())))
            action.setIconVisibleInMenu(True)
            action.setCheckable(True)
            action.setChecked(group == self.link.group)
            if group == self.link.group:  # its icon takes the place of a tick
                action.setFont(self._theme.font(FontRole.STRONG))
            action.triggered.connect(lambda _on=False, g=group: self.link.join(g))
            choice.addAction(action)
            menu.addAction(action)
        self.menu_open = menu
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _text_of(self, group: int) -> str:
        if group == ALONE:
            return "&Not linked"
        symbol = self.link.symbol_of(group)
        return f"Group &{group}, {symbol}" if symbol else f"Group &{group}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chip, with a ring while it has the focus."""
        with QPainter(self) as painter:
            draw_chip(painter, self._theme, self.link.group, QRectF(self.rect()))
            if self.hasFocus() or self.underMouse():
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(
                    QPen(self._theme.colour("focus" if self.hasFocus() else "muted"), 1.0)
                )
                painter.setBrush(Qt.BrushStyle.NoBrush)
                box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
                painter.drawRoundedRect(box, _ROUND + 1, _ROUND + 1)

    def sizeHint(self) -> QSize:
        """Square."""
        return QSize(SIDE, SIDE)


def words(group: int) -> str:
    """A group in words."""
    return "not linked" if group == ALONE else f"link group {group}"


def draw_chip(painter: QPainter, theme: Theme, group: int, within: QRectF) -> None:
    """The number on its colour; an empty ring for a panel that stands alone."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    chip = QRectF(0, 0, _CHIP, _CHIP)
    chip.moveCenter(within.center())
    if group == ALONE:
        painter.setPen(QPen(theme.colour("muted"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(chip.adjusted(1, 1, -1, -1), _ROUND, _ROUND)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(f"link_{group}"))
    painter.drawRoundedRect(chip, _ROUND, _ROUND)
    font = theme.font(FontRole.MICRO)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(theme.colour("surface"))
    painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), str(group))


def _picture(theme: Theme, group: int, ratio: float) -> QPixmap:
    made = QPixmap(round(SIDE * ratio), round(SIDE * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        draw_chip(painter, theme, group, QRectF(0, 0, SIDE, SIDE))
    return made
