"""Choose each async test's loop: plain asyncio for the core, the window's own loop for Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

QT_FIXTURES = {"qapp", "qtbot", "qtmodeltester"}

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def wants_qt_loop(item: pytest.Item) -> bool:
    """Tell whether a test runs on the Qt loop: it asks for a Qt fixture, or lives in tests/unit/ui.

    `@pytest.mark.asyncio(loop_factories=["asyncio", "qt"])` runs a test on both.
    """
    chosen = _chosen(item)
    if chosen:
        return "qt" in chosen
    if QT_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    return "unit/ui" in item.path.as_posix()


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, LoopFactory]:
    """Give pytest-asyncio the loops a test may run on."""
    both: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop, "qt": new_qt_loop}
    if _chosen(item):
        return both
    name = "qt" if wants_qt_loop(item) else "asyncio"
    return {name: both[name]}


def new_qt_loop() -> asyncio.AbstractEventLoop:
    """Make the window's loop over the application that pytest-qt keeps."""
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance()
    if application is None:
        raise RuntimeError("a Qt test needs the qapp fixture before its loop")
    return qt_loop_class()(application)


def qt_loop_class() -> type[Any]:
    """Import the window's loop late: core tests run without it."""
    from cockpit.ui.loop import CockpitLoop

    return CockpitLoop


def _chosen(item: pytest.Item) -> tuple[str, ...]:
    marker = item.get_closest_marker("asyncio")
    return tuple(marker.kwargs.get("loop_factories", ())) if marker else ()
