"""A toy vendor's REST side: starts, stops, counts, and goes wrong when it is told to."""

from __future__ import annotations

import asyncio
import json
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from enum import Enum
from typing import Any, Self

from aiohttp import web

from tests.toyserver.vendors.facts import Facts

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
OTHER = "ZZZZ"


class Mood(Enum):
    """What goes wrong with a request; those from `NULLS` on spoil a good answer's data."""

    DOWN = "503 with a page"
    RESET = "the line is reset"
    HANG = "nothing is answered"
    DRIP = "a byte now and then, without end"
    HTML = "a page with status 200"
    HTML_403 = "a proxy's page with status 403"
    ELSEWHERE = "a redirect to somewhere else"
    HUGE = "a body without end"
    THROTTLED = "the vendor's own way to say that we ask too much"
    NOT_ENTITLED = "the vendor's own way to say that the plan does not cover it"
    TRUNCATED = "half of the body, with a length that fits"
    CUT = "half of the body, then the line is reset"
    NULLS = "null for each number"
    ZEROS = "0 for each number"
    NEGATIVE = "less than 0 for each number"
    NAN = "NaN for each number"
    MISSING = "without its numbers"
    EMPTY = "{}"
    OTHER_SYMBOL = "good data of another symbol"


SPOILT: dict[Mood, Any] = {
    Mood.NULLS: None,
    Mood.ZEROS: 0,
    Mood.NEGATIVE: -1,
    Mood.NAN: float("nan"),
    Mood.MISSING: ...,
}


class ToyVendor(ABC):
    """`async with ToyX() as toy`: then `toy.url` answers.

    `moods` maps the start of a path to what goes wrong there, "" is everywhere. `requests` holds
    every request as (path, query), `seen` its headers. `key` is the one that it accepts; set
    another and the old one is revoked.
    """

    numbers_are_text = False

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.key = "toykey00000000000000000000000000"  # opens nothing but the toy
        self.facts = Facts()
        self.moods: dict[str, Mood] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.seen: list[dict[str, str]] = []
        self.stopping = asyncio.Event()
        self.url = self.stream_url = ""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            web.get(path, self._around(handler)) for path, handler in self.handlers().items()
        )
        app.add_routes(web.get(path, handler) for path, handler in self.sockets().items())
        app.add_routes([web.get("/{rest:.*}", self._around(self.unknown))])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls).start()
        host, port = self._runner.addresses[0][:2]
        end = "s" if self._tls else ""
        self.url, self.stream_url = f"http{end}://{host}:{port}", f"ws{end}://{host}:{port}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.stopping.set()
        self.hang_up()
        if self._runner is not None:
            await self._runner.cleanup()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # what a vendor has of its own

    @abstractmethod
    def handlers(self) -> dict[str, Handler]:
        """Its REST paths."""

    def sockets(self) -> dict[str, Handler]:
        """Its streams."""
        return {}

    def hang_up(self) -> None:
        """Break what streams there are."""
        return

    @abstractmethod
    def refused(self, request: web.Request) -> web.Response | None:
        """Its answer to a request with a wrong key; None for the right one."""

    @abstractmethod
    def throttled(self) -> web.Response:
        """How it says that we ask too much."""

    @abstractmethod
    def not_entitled(self) -> web.Response:
        """How it says that the plan does not cover it."""

    async def unknown(self, request: web.Request) -> web.StreamResponse:
        """A path that it has not."""
        return web.json_response({"error": f"no {request.path}"}, status=404)

    # helpers

    def count(self, path: str) -> int:
        """How many requests came whose path begins so."""
        return sum(1 for asked, _ in self.requests if asked.startswith(path))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the rest, until the server stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # what goes wrong

    def _around(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.requests.append((request.path, dict(request.query)))
            self.seen.append(dict(request.headers))
            mood = next((m for p, m in self.moods.items() if request.path.startswith(p)), None)
            if (early := await self._early(mood, request)) is not None:
                return early
            if (refused := self.refused(request)) is not None:
                return refused
            answer = await handler(request)
            return await self._spoilt(mood, request, answer) if mood else answer

        return handle

    async def _early(self, mood: Mood | None, request: web.Request) -> web.StreamResponse | None:
        if mood is Mood.HANG:
            await self.stopping.wait()
        if mood is Mood.RESET:
            return self._reset(request)
        if mood in (Mood.DRIP, Mood.HUGE):
            return await self._endless(mood, request)
        whole = {
            Mood.DOWN: lambda: web.Response(text=HTML, status=503, content_type="text/html"),
            Mood.HTML: lambda: web.Response(text=HTML, content_type="text/html"),
            Mood.HTML_403: lambda: web.Response(text=HTML, status=403, content_type="text/html"),
            Mood.ELSEWHERE: lambda: web.Response(
                status=302, headers={"Location": f"{self.url}/elsewhere"}
            ),
            Mood.THROTTLED: self.throttled,
            Mood.NOT_ENTITLED: self.not_entitled,
        }.get(mood)  # type: ignore[arg-type]  # None is no key of it
        return whole() if whole else None

    async def _endless(self, mood: Mood, request: web.Request) -> web.StreamResponse:
        slow = web.StreamResponse()
        await slow.prepare(request)
        part = b" " if mood is Mood.DRIP else b" " * 262_144
        while not self.stopping.is_set():
            try:
                await slow.write(part)
                if mood is Mood.DRIP:
                    await asyncio.wait_for(self.stopping.wait(), 0.02)
            except TimeoutError:
                pass
            except ConnectionError:
                break
        return slow

    async def _spoilt(
        self, mood: Mood, request: web.Request, answer: web.StreamResponse
    ) -> web.StreamResponse:
        body = bytes(answer.body or b"") if isinstance(answer, web.Response) else b""
        if mood is Mood.TRUNCATED:
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        if mood is Mood.CUT:
            torn = web.StreamResponse(headers={"Content-Length": str(len(body))})
            await torn.prepare(request)
            await torn.write(body[: len(body) // 2])
            return self._reset(request)
        if mood is Mood.EMPTY:
            return web.json_response({})
        if mood is Mood.OTHER_SYMBOL:
            told = body.decode()
            for symbol in self.facts.prices:
                told = told.replace(f'"{symbol}"', f'"{OTHER}"')
            return web.Response(text=told, content_type="application/json")
        if mood in SPOILT:
            told = json.dumps(self._without(json.loads(body), SPOILT[mood]))
            return web.Response(text=told, content_type="application/json")
        return answer

    def _reset(self, request: web.Request) -> web.Response:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    def _without(self, told: Any, value: Any) -> Any:
        """`told` with `value` in place of each number; without those keys when it is `...`."""
        if isinstance(told, dict):
            return {
                name: self._without(each, value)
                for name, each in told.items()
                if value is not ... or not self._is_number(each)
            }
        if isinstance(told, list):
            return [
                self._without(each, value)
                for each in told
                if value is not ... or not self._is_number(each)
            ]
        return self._as_told(value) if self._is_number(told) else told

    def _as_told(self, value: Any) -> Any:
        return str(value) if self.numbers_are_text and value is not None else value

    def _is_number(self, value: Any) -> bool:
        if self.numbers_are_text:
            return isinstance(value, str) and _is_figure(value)
        return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_figure(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def dated(rows: Iterable[dict[str, Any]], key: str, first: str, last: str) -> list[dict[str, Any]]:
    """Those of the rows whose day is within."""
    return [row for row in rows if first <= row[key] <= (last or "9999")]
