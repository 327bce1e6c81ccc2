"""One connection to the venue: a line of JSON for each question, answer and update."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class RefusedError(Exception):
    """The venue said no, in its own words: nothing of what was asked is done."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


class NoAnswerError(Exception):
    """No answer, or none that could be read. What was asked may be done."""


class ClosedError(Exception):
    """There is no connection; not a byte went out."""


class Line:
    """Open once, closed once. `on_update` gets what the venue tells by itself, in order."""

    def __init__(
        self, answer_timeout_s: float, on_update: Callable[[dict[str, Any]], None]
    ) -> None:
        self._timeout_s = answer_timeout_s
        self._on_update = on_update
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, host: str, port: int) -> None:
        """Connect. Raises NoAnswerError."""
        try:
            async with asyncio.timeout(self._timeout_s):
                self._reader, self._writer = await asyncio.open_connection(host, port)
        except (OSError, TimeoutError) as error:
            raise NoAnswerError(f"the venue is not there: {error}") from error

    async def ask(self, do: str, **terms: Any) -> Any:
        """One question, once. Raises RefusedError, NoAnswerError, ClosedError."""
        if self._writer is None or self._writer.is_closing():
            raise ClosedError("there is no connection to the venue")
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._writer.write(json.dumps({"id": number, "do": do} | terms).encode() + b"\n")
            async with asyncio.timeout(self._timeout_s):
                await self._writer.drain()
                said = await answer
        except (OSError, TimeoutError) as error:
            raise NoAnswerError(f"no answer: {type(error).__name__}") from error
        finally:
            del self._waiting[number]
        if "refused" in said:
            raise RefusedError(said["refused"]["code"], said["refused"]["message"])
        if "ok" not in said:
            raise NoAnswerError(f"an answer without one: {said}")
        return said["ok"]

    async def listen(self) -> str:
        """Deliver answers and updates until the line ends; why it did."""
        why = "the venue hung up"
        try:
            while self._reader is not None and (text := await self._reader.readline()):
                said = json.loads(text)
                waiting = self._waiting.get(said.get("id", 0))
                if waiting is None:
                    self._on_update(said)
                elif not waiting.done():
                    waiting.set_result(said)
        except (OSError, ValueError, AttributeError) as error:
            why = f"the line broke: {error}"
        finally:
            self._fail_all(why)
        return why

    def close(self) -> None:
        """Give the connection up; harmless when there is none."""
        if self._writer is not None:
            self._writer.close()
        self._fail_all("the session has ended")

    async def closed(self) -> None:
        """Wait until it is."""
        if self._writer is not None:
            with suppress(OSError):
                await self._writer.wait_closed()

    def _fail_all(self, why: str) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(NoAnswerError(why))
