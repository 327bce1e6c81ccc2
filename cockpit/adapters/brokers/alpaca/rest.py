"""One HTTP line through alpaca-py: its addresses and headers, our time-outs, no retry.

Imports the SDK: imported by a worker thread at its first job, never before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from alpaca.trading.client import TradingClient
from requests import Response

from cockpit.adapters.brokers.alpaca.budget import RateBudget
from cockpit.adapters.brokers.alpaca.faults import NoAnswerError, VenueRefusalError, failure
from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.brokers.https import FAILURES, Encrypted, no_answer

_MAX_BODY = 32_000_000
_CHUNK = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class LineSettings:
    """Where to, with what keys, and how long to wait."""

    keys: Keys
    url: str
    data_url: str
    paper: bool
    connect_timeout_s: float
    answer_timeout_s: float
    ca_file: Path | None
    budget: RateBudget


class Line(TradingClient):
    """The SDK's client with `_one_request` of our own, so each call is one request.

    Its methods give the body's bytes: the SDK's models hold money as floats.
    """

    def __init__(self, settings: LineSettings) -> None:
        super().__init__(
            api_key=settings.keys.key_id,
            secret_key=settings.keys.secret_key,
            paper=settings.paper,
            raw_data=True,
            url_override=settings.url,
        )
        self._session.mount("https://", Encrypted(settings.ca_file))
        self._retry = 0  # the SDK would send a POST again after a 504
        self._own = settings

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        data: bool = False,
        version: str | None = None,
    ) -> bytes:
        """The body of a 2xx answer; `version` of the API is v2 where none is given.

        Raises NoAnswerError and VenueRefusalError.
        """
        base = self._own.data_url if data else None
        ask = cast("Callable[..., bytes]", super()._request)  # pyright: ignore[reportUnknownMemberType] -- the SDK types answers as bare dicts
        return ask(method, path, body, base_url=base, api_version=version)

    def close(self) -> None:
        """Give up its connections."""
        self._session.close()

    def _one_request(self, method: str, url: str, opts: dict[str, Any], retry: int) -> Any:
        del retry
        own = self._own
        deadline = time.monotonic() + own.answer_timeout_s
        try:
            response = self._session.request(
                method, url, stream=True, timeout=(own.connect_timeout_s, own.answer_timeout_s),
                **opts,
            )  # fmt: skip
            with closing(response):
                body = _read(response, deadline)
        except FAILURES as error:
            raise no_answer(error) from None
        if 200 <= response.status_code < 300:
            own.budget.note(response.headers, response.status_code)
            return body
        failed = failure(response.status_code, body, response.headers)
        wait = failed.retry_after_s if isinstance(failed, VenueRefusalError) else 0.0
        own.budget.note(response.headers, response.status_code, wait)
        raise failed


def _read(response: Response, deadline: float) -> bytes:
    """The whole body, however slowly it drips, but not for ever."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if time.monotonic() > deadline or len(body) > _MAX_BODY:
            raise NoAnswerError("the answer does not come to an end")
    return bytes(body)
