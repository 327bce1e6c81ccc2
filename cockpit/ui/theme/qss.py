"""One compact style sheet generated from the tokens; the docks' own is beside it.

Widgets choose a variant by the dynamic properties `kind` (buttons: primary, danger,
quiet; frames: card, panel) and `tone`; fonts are never set here, so that tabular
figures survive.
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template

from cockpit.kernel.resources import resource
from cockpit.ui.theme.tokens import Colours, Radius

_CORNERS = {radius.name.lower(): int(radius) for radius in Radius}

_APPLICATION = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $line_strong; padding: 6px 8px; }
QMenuBar { background: $canvas; color: $muted; padding: 2px 8px; }
QMenuBar::item { padding: 4px 10px; border-radius: ${small}px; }
QMenuBar::item:selected { background: $hover; color: $text; }
QMenu { background: $raised; color: $text; border: 1px solid $line_strong; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: ${small}px; }
QMenu::item:selected { background: $accent_soft; }
QMenu::item:disabled { color: $off; }
QMenu::separator { height: 1px; background: $line_strong; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QPushButton { background: $raised; color: $text; border: 1px solid $line_strong;
  border-radius: ${control}px; padding: 4px 12px; min-height: 18px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: 1px solid $focus; }
QFrame[kind="card"] QPushButton { padding: 4px 7px; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border-color: $accent; }
QPushButton[kind="primary"]:focus { border: 2px solid $text; padding: 3px 11px; }
QPushButton[kind="approve"] { background: $up; color: $on_up; border-color: $up; }
QPushButton[kind="approve"]:focus { border: 2px solid $text; padding: 3px 11px; }
QPushButton[kind="danger"] { background: transparent; color: $critical; border-color: $critical; }
QPushButton[kind="danger"]:hover { background: $critical_soft; }
QPushButton[kind="quiet"], QToolButton { background: transparent; color: $muted;
  border: 1px solid transparent;
  border-radius: ${control}px; padding: 4px 8px; }
QPushButton[kind="quiet"]:hover, QToolButton:hover { background: $hover; color: $text; }
QPushButton[kind="quiet"]:focus, QToolButton:focus { border: 1px solid $focus; }
QPushButton[kind="quiet"]:checked, QToolButton:checked { background: $accent_soft; color: $accent; }
QPushButton[kind="symbol"] { background: transparent; border: 1px solid transparent;
  padding: 4px 6px; }
QPushButton[kind="symbol"]:hover { background: $hover; }
QPushButton[kind="symbol"]:focus { border: 1px solid $focus; }
QToolButton[kind="tab"] { padding: 1px; }
QPushButton::menu-indicator { image: none; width: 0; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QPlainTextEdit, QTextBrowser, QTextEdit, QAbstractSpinBox,
  QComboBox { background: $raised;
  color: $text; border: 1px solid $line_strong; border-radius: ${control}px; padding: 3px 8px;
  selection-background-color: $accent_soft; selection-color: $text;
  placeholder-text-color: $faint; }
QLineEdit:focus, QPlainTextEdit:focus, QTextBrowser:focus, QTextEdit:focus, QAbstractSpinBox:focus,
QComboBox:focus { border: 1px solid $focus; }
QComboBox { min-height: 20px; }
QComboBox::drop-down { border: 0; background: transparent; width: 22px; }
QComboBox::down-arrow { image: url("$arrow"); width: 10px; height: 6px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line_strong; outline: 0; }
QAbstractScrollArea[kind="bare"], QTextBrowser[kind="bare"], QScrollArea,
QScrollArea > QWidget, QScrollArea > QWidget > QWidget { background: transparent; border: 0; }
QAbstractItemView { background: $surface; border: 0; outline: 0; gridline-color: $line;
  selection-background-color: $accent_soft; selection-color: $text; }
QTableView::item { padding: 0 8px; border: 0; border-bottom: 1px solid $line; }
QTableView::item:selected { background: $accent_soft; }
QHeaderView { background: $surface; border: 0; }
QHeaderView::section { background: $surface; color: $muted; border: 0;
  border-bottom: 1px solid $line_strong; padding: 4px 8px; }
QHeaderView::up-arrow, QHeaderView::down-arrow { image: none; width: 0; height: 0; }
QTableCornerButton::section { background: $surface; border: 0; }
QScrollBar { background: transparent; border: 0; }
QScrollBar:vertical { width: 10px; } QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line_strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; } QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $crosshair; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider { min-height: 18px; }
QSlider::groove:horizontal { height: 4px; background: $line_strong; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $text; width: 12px; height: 12px; margin: -4px 0;
  border-radius: ${panel}px; }
QSlider:focus { border: 1px solid $focus; border-radius: ${control}px; }
QCheckBox, QRadioButton, QLabel { color: $text; background: transparent; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 8px; height: 8px; padding: 2px; border: 1px solid $crosshair;
  border-radius: 2px; background: $raised; }
QRadioButton { spacing: 8px; }
QRadioButton::indicator { width: 8px; height: 8px; padding: 2px; border: 1px solid $crosshair;
  border-radius: 7px; background: $raised; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus, QRadioButton::indicator:hover,
QRadioButton::indicator:focus { border-color: $focus; }
QCheckBox::indicator:checked { background-color: $accent; background-clip: content;
  border-color: $accent; }
QRadioButton::indicator:checked { border-color: $accent; background: qradialgradient(cx: 0.5,
  cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 $accent, stop: 0.6 $accent, stop: 0.7 $raised); }
QPushButton:disabled, QPushButton[kind="primary"]:disabled, QPushButton[kind="approve"]:disabled,
QPushButton[kind="danger"]:disabled, QLineEdit:disabled, QPlainTextEdit:disabled,
QTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $off;
  background: $surface; border: 1px solid $line; placeholder-text-color: $off; }
QPushButton[kind="quiet"]:disabled, QPushButton[kind="symbol"]:disabled, QToolButton:disabled {
  color: $off; background: transparent; border: 1px solid transparent; }
QPushButton[kind="quiet"]:checked:disabled, QToolButton:checked:disabled { background: $line; }
QComboBox::down-arrow:disabled { image: url("$arrow_off"); }
QCheckBox:disabled, QRadioButton:disabled { color: $off; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $line_strong;
  background: $surface; }
QCheckBox::indicator:checked:disabled { background-color: $off; background-clip: content;
  border-color: $line_strong; }
QRadioButton::indicator:checked:disabled { border-color: $line_strong;
  background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 $off,
  stop: 0.6 $off, stop: 0.7 $surface); }
QSlider::groove:horizontal:disabled { background: $line; }
QSlider::sub-page:horizontal:disabled { background: $line_strong; }
QSlider::handle:horizontal:disabled { background: $off; }
QListView::item:disabled, QTableView::item:disabled { color: $off; }
QLabel[tone="muted"] { color: $muted; } QLabel[tone="faint"] { color: $faint; }
QLabel[tone="up"] { color: $up; } QLabel[tone="down"] { color: $down; }
QLabel[tone="accent"] { color: $accent; } QLabel[tone="warning"] { color: $warning; }
QLabel[tone="critical"] { color: $critical; }
QLabel:disabled { color: $faint; }
QFrame[kind="banner"] { background: $accent_soft; border: 0; border-bottom: 1px solid $accent; }
QFrame[kind="banner"][tone="warning"] { background: $warning_soft;
  border-bottom: 1px solid $warning; }
QFrame[kind="banner"][tone="critical"] { background: $critical_soft;
  border-bottom: 1px solid $critical; }
QFrame[kind="panel"] { background: $surface; border: 0; }
QFrame[kind="bar"] { background: $surface; border: 0; border-bottom: 1px solid $line; }
QFrame[kind="card"] { background: $raised; border: 1px solid $line_strong;
  border-radius: ${card}px; }
QFrame[kind="card"][current="true"] { border: 1px solid $accent; }
QFrame[kind="line"] { background: $line; border: 0; }
QFrame[kind="toast"] { background: $raised; border: 1px solid $line_strong;
  border-radius: ${card}px; }
QStatusBar { background: $canvas; color: $muted; border-top: 1px solid $line; }
QStatusBar::item { border: 0; }
QDialog { background: $surface; }
QDialog[kind="palette"] { border: 1px solid $line_strong; }
QListWidget::item { padding: 5px 8px; border-radius: ${small}px; }
QListWidget::item:selected { background: $accent_soft; color: $text; }
QSplitter::handle { background: $canvas; }
QProgressBar { background: $line_strong; border: 0; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
""")

_DOCKS = Template("""
ads--CDockContainerWidget { background: $canvas; }
ads--CDockContainerWidget > QSplitter { padding: 0; }
ads--CDockSplitter::handle { background: $canvas; }
ads--CDockAreaWidget { background: $surface; border: 1px solid $line; border-radius: ${panel}px; }
ads--CDockAreaTitleBar { background: $surface; border: 0; border-bottom: 1px solid $line;
  padding: 0; }
ads--CDockWidgetTab { background: $surface; border: 0; border-bottom: 2px solid transparent;
  padding: 4px 6px; min-height: 18px; }
ads--CDockWidgetTab[activeTab="true"] { border-bottom: 2px solid $accent; }
ads--CDockWidgetTab[focused="true"] { background: $hover; }
ads--CDockWidgetTab QLabel { color: $muted; background: transparent; }
ads--CDockWidgetTab[activeTab="true"] QLabel { color: $text; }
ads--CDockWidget { background: $surface; border: 0; }
ads--CTitleBarButton { padding: 2px; border: 0; background: transparent; }
ads--CTitleBarButton:hover { background: $hover; }
#tabCloseButton { padding: 1px; border: 0; background: transparent; }
#tabCloseButton:hover { background: $hover; border-radius: 3px; }
QScrollArea#dockWidgetScrollArea { padding: 0; border: 0; background: $surface; }
ads--CFloatingDockContainer { background: $canvas; }
""")


def stylesheet(colours: Colours) -> str:
    """The application's style sheet."""
    arrow = resource("icons/arrow-down.svg").as_posix()  # seen well enough on every ground
    off = resource("icons/arrow-down-off.svg").as_posix()
    return _APPLICATION.substitute(asdict(colours) | _CORNERS, arrow=arrow, arrow_off=off)


def dock_stylesheet(colours: Colours) -> str:
    """The style sheet of the dock manager, which overrides its built-in one."""
    return _DOCKS.substitute(asdict(colours) | _CORNERS)
