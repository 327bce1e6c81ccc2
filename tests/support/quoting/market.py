"""Both ends of a run from outside: a market process, a window process, bursts, and what came."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.support.quoting.load import Burst, Sent, serve
from tests.support.quoting.place import Place, settle_in

_START_S = 120.0
_ANSWER_S = 60.0


class WindowGoneError(Exception):
    """The window ended, or stopped answering."""


@dataclass(frozen=True)
class Seen:
    """One burst from both ends; `taken` is that of the window (`desk.Told`)."""

    asked: Burst
    sent: Sent
    told: Any


class Desk:
    """A window and its market."""

    def __init__(self, market: Connection, window: Connection) -> None:
        self._market, self._window = market, window

    def burst(self, rate: int, batch: int, seconds: float) -> Seen:
        """Let the market quote, and ask the window what it saw."""
        self._window.send("a burst comes")
        begun = _answer(self._window, _ANSWER_S)
        if begun != "begun":
            raise WindowGoneError(str(begun))
        asked = Burst(rate, batch, seconds)
        self._market.send(asked)
        sent: Sent = _answer(self._market, seconds + _ANSWER_S)
        self._window.send(sent)
        return Seen(asked, sent, _answer(self._window, _ANSWER_S))


@contextmanager
def desk(
    source: str,
    symbols: tuple[str, ...],
    held: int,
    *,
    shown: str = "offscreen",
    record: bool,
    trace: bool = False,
) -> Generator[Desk]:
    """The program with quotes from `source`; whatever happens, both processes end with it."""
    context = multiprocessing.get_context("spawn")
    os.environ["QT_QPA_PLATFORM"] = shown
    with tempfile.TemporaryDirectory() as folder:
        market, theirs = context.Pipe()
        venue = context.Process(target=serve, args=(theirs, symbols, held), daemon=True)
        venue.start()
        theirs.close()
        url, stream_url, data_stream_url, keys = _answer(market, _START_S)
        urls = (url, stream_url, data_stream_url)
        place = Place(Path(folder), source, urls, keys, symbols, held, record, trace)
        settle_in(place)
        window, other = context.Pipe()
        program = context.Process(target=_open, args=(other, place))
        program.start()
        other.close()
        try:
            up = _answer(window, _START_S)
            if up != "up":
                raise WindowGoneError(str(up))
            yield Desk(market, window)
        finally:
            window.close()
            market.close()
            for process in (program, venue):
                _end(process)


def _open(pipe: Connection, place: Place) -> None:
    from tests.support.quoting import desk as own  # brings Qt

    own.run(pipe, place)


def _end(process: BaseProcess) -> None:
    process.join(8)
    if process.is_alive():
        process.kill()
        process.join()


def _answer(pipe: Connection, within_s: float) -> Any:
    if not pipe.poll(within_s):
        raise WindowGoneError(f"no answer in {within_s:.0f} s")
    try:
        return pipe.recv()
    except EOFError as error:
        raise WindowGoneError("it ended") from error
