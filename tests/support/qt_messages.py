"""Fail a test whose tear-down makes Qt complain; pytest-qt itself watches set-up and call only."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

COMPLAINTS = {QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Listen to Qt from the first finalizer to the last."""
    heard: list[str] = []

    def listen(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
        if kind in COMPLAINTS:
            heard.append(message)

    previous = qInstallMessageHandler(listen)
    try:
        yield
    finally:
        qInstallMessageHandler(previous)
    ignored = item.config.getini("qt_log_ignore")
    complaints = [text for text in heard if not any(re.search(rule, text) for rule in ignored)]
    if complaints:
        pytest.fail(f"Qt complained in tear-down: {'; '.join(complaints)}", pytrace=False)
