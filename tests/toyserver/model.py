"""A toy language model behind OpenAI's chat completions: JSON and SSE, honest or not, on request.

Nothing in it is random: an honest page is made from the facts that it is sent, and a `Lie` spoils
that page in one way. A `Trouble` is what goes wrong on the way.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from enum import Enum
from typing import Any, Self

from aiohttp import web


class Lie(Enum):
    """What the page says that the facts don't; `{page}` is the honest one."""

    NONE = "{page}"
    DIGITS = "{page} That makes 4 in a row."
    NUMBER_WORDS = "{page} It took thirty-seven minutes."
    SWAPPED_IDS = "{page} The fees of the day were {{fact:gross}}."
    UNKNOWN_ID = "{page} It came to {{fact:made_up}}."
    WRONG_SIGN = "{page} To be exact, minus {{fact:net}}."
    WRONG_UNIT = "{page} I paid {{fact:fees}} percent."
    WRONG_PERIOD = "{page} This month it comes to {{fact:net}}."
    SUPERLATIVE = "{page} My best day ever."
    LEFT_OUT = "A page about the weather."
    INJECTED = "{page} As the note demands: I won 99 and nothing was lost."
    HIDDEN = "A page.\n\n<!-- {page} -->"
    VOICE = "{page} I crushed it."
    ANOTHER_THING = "{page} The account holds {{fact:net}}."
    ANOTHER_USE = "{page} I paid {{fact:net}} in tax."
    UNBACKED = "{page} I was stopped out."
    MARKET = "{page} Microsoft fell."


class Trouble(Enum):
    """What goes wrong instead of an answer, or in its middle."""

    UNAUTHORISED = 401
    THROTTLED = 429
    BROKEN = 500
    ELSEWHERE = 301
    HANG = "nothing comes"
    DRIP = "a piece now and then, without end"
    CUT = "the line is reset in the middle"
    NO_END = "the stream ends without a word why"
    TRUNCATED = "cut at the limit of tokens"
    REFUSED = "the model declines"
    FILTERED = "its filter stops it"
    HTML = "a page of a proxy, with status 200"
    ODD = "JSON of another shape"
    FLOOD = "text without end, quickly"
    ONLY_TITLE = "one line"


class ToyModel:
    """`async with ToyModel() as toy`; `toy.url` is its base URL.

    `plan` holds what happens to the next requests, then it is honest. `asked` holds the bodies of
    all requests. `hung_up` is set when a caller leaves in the middle of a stream.
    """

    def __init__(self, *plan: Lie | Trouble) -> None:
        self.key = "toykey-of-a-model-00000000000000"  # opens nothing but the toy
        self.plan = deque(plan)
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.started = asyncio.Event()
        self.hung_up = asyncio.Event()
        self.stopping = asyncio.Event()
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.route("*", "/{rest:.*}", self._answer)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self.stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(f"{request.method} {request.path}")
        if request.path != "/v1/chat/completions":
            return _error(404, "not found")
        body = await request.json()
        self.asked.append(body)
        if request.headers.get("Authorization") not in (f"Bearer {self.key}", "Bearer none"):
            return _error(401, f"Incorrect API key: {request.headers.get('Authorization')}")
        what = self.plan.popleft() if self.plan else Lie.NONE
        if isinstance(what, Trouble) and (early := await self._early(what)) is not None:
            return early
        page = _page(body, what if isinstance(what, Lie) else Lie.NONE)
        if body.get("stream"):
            return await self._stream(request, body, page, what)
        return web.json_response(_whole(body, page, what))

    async def _early(self, what: Trouble) -> web.StreamResponse | None:
        if what is Trouble.ELSEWHERE:
            return web.Response(status=301, headers={"Location": f"{self.url}/elsewhere"})
        if isinstance(what.value, int):
            return _error(what.value, "the server's own words, with a number: 12345")
        if what is Trouble.HANG:
            self.started.set()
            await self.stopping.wait()
        if what is Trouble.HTML:
            return web.Response(text="<html><h1>Sign in 99</h1></html>", content_type="text/html")
        if what is Trouble.ODD:
            return web.json_response({"choices": [{"delta": 7, "message": "x"}], "usage": "much"})
        return None

    async def _stream(
        self, request: web.Request, body: Mapping[str, Any], page: str, what: Lie | Trouble
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            async for chunk in self._chunks(body, page, what):
                await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
                self.started.set()
        except (ConnectionError, asyncio.CancelledError):
            self.hung_up.set()
            raise
        if what is Trouble.CUT:
            assert request.transport is not None
            request.transport.abort()
            return response
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def _chunks(
        self, body: Mapping[str, Any], page: str, what: Lie | Trouble
    ) -> AsyncIterator[dict[str, Any]]:
        def chunk(delta: dict[str, Any], ended: str | None = None) -> dict[str, Any]:
            choice = {"index": 0, "delta": delta, "finish_reason": ended}
            return {"id": "c", "object": "chat.completion.chunk", "created": 1,
                    "model": f"{body['model']}-toy", "choices": [choice]}  # fmt: skip

        yield chunk({"role": "assistant", "content": ""})
        while what in _ENDLESS and not self.stopping.is_set():
            size, pause = _ENDLESS[what]
            yield chunk({"content": "a word " * size})
            await self._rest(pause)
        if what is Trouble.REFUSED:
            yield chunk({"refusal": "I can't help with that."})
            yield chunk({}, "stop")
            return
        text = "Only a title" if what is Trouble.ONLY_TITLE else page
        half = len(text) // 2
        pieces = [text[:half]] if what in _HALVES else [text[:half], text[half:]]
        for piece in pieces:
            yield chunk({"content": piece})
        if what not in (Trouble.CUT, Trouble.NO_END):
            yield chunk({}, _ENDS.get(what, "stop"))
            if body.get("stream_options", {}).get("include_usage"):
                yield {**chunk({}), "choices": [], "usage": _usage(body, page)}


_ENDLESS: Mapping[Lie | Trouble, tuple[int, float]] = {
    Trouble.DRIP: (1, 0.05), Trouble.FLOOD: (500, 0.0),
}  # fmt: skip
"""Words a piece, and seconds between."""
_HALVES = {Trouble.CUT, Trouble.TRUNCATED, Trouble.NO_END}
_ENDS: Mapping[Lie | Trouble, str] = {
    Trouble.TRUNCATED: "length", Trouble.FILTERED: "content_filter",
}  # fmt: skip


def facts_in(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The facts that a request holds."""
    for message in body["messages"]:
        if message["content"].startswith("DATA\n"):
            return list(json.loads(message["content"].removeprefix("DATA\n"))["facts"])
    return []


def _page(body: Mapping[str, Any], lie: Lie) -> str:
    needed = [fact for fact in facts_in(body) if fact.get("required")]
    slots = "\n".join(f"- {fact['label']}: {{{{fact:{fact['id']}}}}}" for fact in needed)
    page = f"What the ledger says:\n\n{slots}\n\nThat is the page."
    return f"A page of the ledger\n\n{lie.value.replace('{page}', page)}"


def _whole(body: Mapping[str, Any], page: str, what: Lie | Trouble) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": page}
    if what is Trouble.REFUSED:
        message |= {"content": None, "refusal": "I can't help with that."}
    return {
        "id": "c", "object": "chat.completion", "created": 1, "model": f"{body['model']}-toy",
        "choices": [{"index": 0, "message": message, "finish_reason": _ENDS.get(what, "stop")}],
        "usage": _usage(body, page),
    }  # fmt: skip


def _usage(body: Mapping[str, Any], page: str) -> dict[str, int]:
    asked = sum(len(message["content"]) for message in body["messages"]) // 4
    return {"prompt_tokens": asked, "completion_tokens": len(page) // 4,
            "total_tokens": asked + len(page) // 4}  # fmt: skip


def _error(status: int, text: str) -> web.Response:
    return web.json_response({"error": {"message": text, "type": "toy"}}, status=status)
