"""robin-stocks as it is used here: its addresses and its session, behind our transport.

Imports the SDK: imported by the worker thread at its first job, never before. From then on
every request of the SDK goes through `TRANSPORT`, whoever makes it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, cast

import msgspec
import structlog
from robin_stocks.robinhood import (  # pyright: ignore[reportMissingTypeStubs] -- it ships none
    helper,
    urls,
)

from cockpit.adapters.brokers.robinhood.transport import Transport, Way

_log = structlog.get_logger(__name__)
TRANSPORT = Transport()


class Answer(msgspec.Struct, frozen=True):
    """What a post of the sign-in was answered."""

    status: int
    body: bytes
    retry_after_s: float = 0.0


class _ToLog(io.TextIOBase):
    """Where the SDK prints its errors: never on the terminal of a person."""

    def write(self, text: str) -> int:
        if text.strip():
            _log.warning("sdk_printed", text=text.strip()[:200])
        return len(text)


def _take_hold() -> Any:
    session = cast("Any", helper).SESSION
    session.adapters.clear()
    session.mount("https://", TRANSPORT)
    session.mount("http://", TRANSPORT)
    session.headers.pop("Authorization", None)
    cast("Any", helper).set_output(_ToLog())
    return session


_SESSION = _take_hold()
_SDK, _URLS = cast("Any", helper), cast("Any", urls)


class Line:
    """The SDK for one session of ours; made and used in one thread."""

    def __init__(self, way: Way) -> None:
        way.open = True
        TRANSPORT.way = way
        self._way = way

    def close(self) -> None:
        """Nothing leaves any more."""
        self._way.open = self._way.signing_in = False
        self._way.token = None
        TRANSPORT.close()

    def get(self, address: str, params: Mapping[str, str] | None, token: str | None) -> bytes:
        """The body of a 2xx answer; `address` is a path or what a page calls `next`."""
        self._way.token = token
        url = address if "://" in address else f"https://api.robinhood.com{address}"
        return _SDK.request_get(url, payload=params, jsonify_data=False).content

    def orders(self, account: str, since: str, token: str | None) -> bytes:
        """The first page of the orders that changed since then."""
        return self.get(_URLS.orders_url(account_number=account, start_date=since), None, token)

    def sign_in(self, path: str, fields: Mapping[str, Any], *, as_json: bool = False) -> Answer:
        """One post of the sign-in, whatever its status is."""
        self._way.signing_in = True
        try:
            body = {"json": fields} if as_json else {"data": fields}
            kind = "application/json" if as_json else "application/x-www-form-urlencoded"
            headers = {"Content-Type": kind}  # whatever the SDK has left in its session
            response = _SESSION.post(f"https://api.robinhood.com{path}", headers=headers, **body)
        finally:
            self._way.signing_in = False
        wait = response.headers.get("Retry-After", "")
        wait_s = float(wait) if wait.isdecimal() else 0.0
        return Answer(response.status_code, response.content, wait_s)
