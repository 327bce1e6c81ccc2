import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QListWidget,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cockpit.ui.landmarks import VARIABLE, landmarks, start_landmarks


class Painted(QWidget):
    def visible_rows(self) -> Iterator[tuple[list[str], QRect]]:
        yield ["ABC", "1.00"], QRect(0, 10, 50, 20)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.setWindowTitle("A window")
    QVBoxLayout(made)
    made.resize(300, 200)
    return made


def add(window: QWidget, widget: QWidget, name: str = "") -> QWidget:
    widget.setAccessibleName(name)
    layout = window.layout()
    assert layout is not None
    layout.addWidget(widget)
    return widget


def named(name: str) -> list[dict[str, object]]:
    return [entry for entry in landmarks() if entry["name"] == name]


def test_a_control_is_told_by_name_with_its_place_on_the_screen(window: QWidget) -> None:
    button = QPushButton("&Kill")
    add(window, button, "Kill the order")
    button.setEnabled(False)
    button.setAccessibleDescription("AAA, 100 shares")
    window.show()
    (entry,) = named("Kill the order")
    corner = button.mapToGlobal(button.rect().topLeft())
    assert entry["rect"] == [corner.x(), corner.y(), button.width(), button.height()]
    assert (entry["text"], entry["enabled"], entry["window"]) == ("Kill", False, "A window")
    assert entry["description"] == "AAA, 100 shares"


def test_what_no_eye_sees_is_not_told(window: QWidget) -> None:
    tabs = QTabWidget()
    tabs.addTab(QLabel("in front"), "one")
    tabs.addTab(QLabel("behind"), "two")
    add(window, tabs)
    add(window, QLabel("hidden")).hide()
    window.show()
    assert named("in front")
    assert not named("behind")
    assert not named("hidden")


def test_a_painted_table_tells_its_rows(window: QWidget) -> None:
    painted = add(window, Painted(), "Prices")
    window.show()
    (entry,) = named("Prices")
    corner = painted.mapToGlobal(painted.rect().topLeft())
    rect = [corner.x(), corner.y() + 10, 50, 20]
    assert entry["rows"] == [{"cells": ["ABC", "1.00"], "rect": rect}]


def test_a_list_has_rows_of_one_cell(qtbot: QtBot, window: QWidget) -> None:
    sections = QListWidget()
    sections.addItems(["Limits", "Journal"])
    add(window, sections, "Sections")
    window.show()
    [entry] = [mark for mark in landmarks() if mark["name"] == "Sections"]
    rows: Any = entry["rows"]
    assert [row["cells"] for row in rows] == [["Limits"], ["Journal"]]


def test_nothing_runs_unless_asked(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert start_landmarks(qapp) is None


def test_the_file_follows_the_screen(
    qapp: QApplication,
    qtbot: QtBot,
    window: QWidget,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "landmarks.json"
    monkeypatch.setenv(VARIABLE, str(file))
    label = QLabel("+12.00")
    add(window, label, "Day P&L")
    window.show()
    writer = start_landmarks(qapp)
    assert writer is not None

    def texts() -> list[str]:
        if not file.exists():
            return []
        told = json.loads(file.read_text(encoding="utf-8"))["landmarks"]
        return [entry["text"] for entry in told if entry["name"] == "Day P&L"]

    qtbot.waitUntil(lambda: texts() == ["+12.00"])
    label.setText("+13.00")
    qtbot.waitUntil(lambda: texts() == ["+13.00"])
    writer.stop()
