"""What would otherwise be printed and forgotten goes to the log."""

from __future__ import annotations

import asyncio
import sys
from types import TracebackType
from typing import Any

import structlog
from PySide6.QtCore import QMessageLogContext, QtMsgType

_log = structlog.get_logger(__name__)

_LEVELS = {
    QtMsgType.QtDebugMsg: "debug",
    QtMsgType.QtInfoMsg: "info",
    QtMsgType.QtWarningMsg: "warning",
    QtMsgType.QtCriticalMsg: "error",
    QtMsgType.QtFatalMsg: "critical",
}


def on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Log what Qt itself says."""
    log = structlog.get_logger("qt")
    getattr(log, _LEVELS[kind])("qt_message", text=message, category=context.category or "")


def on_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An exception in a Qt slot: logged with its stack; the window lives on."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.error("slot_failed", exc_info=(kind, error, trace))


def on_loop_exception(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a task left to nobody."""
    error = context.get("exception")
    _log.error("loop_exception", text=context.get("message"), exc_info=error)
