"""One structured log: JSON lines in the data folder, secrets removed on the way."""

from __future__ import annotations

import logging
import logging.handlers
import queue
import re
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import structlog

_SECRET_KEY = re.compile(
    r"pass(word|phrase|wd)?$|pwd$|secret|token|(api|access|private)[-_]?key|credential"
    r"|authorization|totp|otp$|cookie|pin$",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"""(
        \bbearer\s+
        | (?:(?:api|access|private)[-_]?key|secret|token|password|passphrase|passwd|totp
             |authorization|cookie)
          [\w-]*["']?\s*[=:]\s*
    )(?:
        (["'])(?:\\.|(?!\2).)*\2?
        | (?:(?:basic|bearer|digest|token)\s+)?[^\s,;&"']+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_URL_PASSWORD = re.compile(r"(://[^\s/:@]*:)[^\s/]+(?=@)")
HIDDEN = "[hidden]"


class Redactor:
    """Takes secrets out of log events: by key, by pattern and by registered value."""

    MIN_LENGTH = 6  # shorter values would blank out ordinary words

    def __init__(self) -> None:
        self._values: tuple[str, ...] = ()  # longest first: one may be part of another

    def hide(self, value: str) -> None:
        """Never let `value` through from now on (the vault calls this for each secret)."""
        if len(value) >= self.MIN_LENGTH:
            self._values = tuple(sorted({*self._values, value}, key=len, reverse=True))

    def __call__(
        self, _logger: object, _method: str, event: structlog.typing.EventDict
    ) -> structlog.typing.EventDict:
        """Act as a structlog processor."""
        return cast("structlog.typing.EventDict", self._clean(event))

    def _clean(self, value: Any) -> Any:
        if isinstance(value, dict):
            items = cast("dict[Any, Any]", value).items()
            return {k: HIDDEN if _is_secret(k) else self._clean(v) for k, v in items}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean(item) for item in cast("list[Any]", value)]
        if isinstance(value, (int, float, bool)) or value is None:
            return value
        return self._clean_text(value if isinstance(value, str) else str(value))

    def _clean_text(self, text: str) -> str:
        for secret in self._values:
            text = text.replace(secret, HIDDEN)
        text = _URL_PASSWORD.sub(rf"\1{HIDDEN}", text)
        return _SECRET_TEXT.sub(rf"\1\2{HIDDEN}\2", text)


def _is_secret(key: object) -> bool:
    return isinstance(key, str) and _SECRET_KEY.search(key) is not None


REDACTOR = Redactor()


def configure(log_file: Path | None, *, verbose: bool = False) -> Callable[[], None]:
    """Send the log to `log_file` (5 MB, three old ones kept), all of it to stderr if verbose.

    The disk is written by a thread of its own, never by the loop. Returns a function
    that flushes and ends the log.
    """
    handlers: list[logging.Handler] = [_stderr(logging.DEBUG if verbose else logging.CRITICAL)]
    if log_file is not None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                log_file, maxBytes=5_000_000, backupCount=3, encoding="utf-8", delay=True
            )
        )
    lines: queue.SimpleQueue[Any] = queue.SimpleQueue()
    front = logging.handlers.QueueHandler(lines)
    front.setFormatter(_formatter())
    listener = logging.handlers.QueueListener(lines, *handlers, respect_handler_level=True)
    listener.start()
    root = logging.getLogger()
    root.addHandler(front)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    _configure_structlog()

    def end() -> None:
        root.removeHandler(front)
        listener.stop()
        for handler in handlers:
            handler.close()

    return end


@contextmanager
def silenced() -> Generator[None]:
    """Drop what is logged below critical meanwhile; a simulation fails on purpose all the time."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _stderr(level: int) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)
    return handler


def _shared() -> list[structlog.typing.Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        REDACTOR,
    ]


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(default=str, sort_keys=True),
        ],
    )


def _configure_structlog() -> None:
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
