"""The one way out of the SDK: questions, and the sign-in's own posts. Nothing else leaves.

Imports `requests`: imported by the worker thread at its first job, never before.
"""

from __future__ import annotations

import re
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog

from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.https import FAILURES, Encrypted, no_answer
from cockpit.adapters.brokers.robinhood.faults import WriteRefusedError, failure
from cockpit.adapters.brokers.workers import HeldBackError, NoAnswerError
from cockpit.adapters.secrets.skew import SkewMeter

_log = structlog.get_logger(__name__)
HOST = "api.robinhood.com"
_SIGN_IN = re.compile(
    r"/(oauth2/token|pathfinder/user_machine|pathfinder/inquiries/[\w-]+/user_view)/"
)
_MAX_BODY = 32_000_000
_CHUNK = 65_536


@dataclass(slots=True)
class Way:
    """Where to, how long to wait, and whose account; `open` while a session uses it.

    `skew` learns from each answer how far Robinhood's clock is from ours.
    """

    url: str = ""
    connect_timeout_s: float = 3.0
    answer_timeout_s: float = 10.0
    open: bool = False
    signing_in: bool = False
    token: str | None = None
    skew: SkewMeter = field(default_factory=SkewMeter)
    ca_file: Path | None = None


class Transport(Encrypted):
    """Mounted on the SDK's only session for every address, before the SDK is used at all.

    Raises WriteRefusedError for anything but questions and the posts of a sign-in, UnreadableError
    for a question to anybody else; NoAnswerError and VenueRefusalError where a question was not
    answered. No redirect is followed. Each session has a thread, and each thread its own way: keys
    that are tried beside a session must not end it.
    """

    def __init__(self) -> None:
        self._ways = threading.local()
        super().__init__()

    @property
    def ca_file(self) -> Path | None:
        """Those of the session whose thread this is."""
        return self.way.ca_file

    @property
    def way(self) -> Way:
        """That of the session whose thread this is; a closed one elsewhere."""
        return getattr(self._ways, "way", None) or Way()

    @way.setter
    def way(self, way: Way) -> None:
        self._ways.way = way

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """One request, to the end of its answer."""
        way, method = self.way, request.method or ""
        posts = _permit(way, method, request.url or "")
        asked_ns = time.time_ns()
        deadline = time.monotonic() + way.connect_timeout_s + way.answer_timeout_s
        try:
            options |= {"stream": True, "timeout": (way.connect_timeout_s, way.answer_timeout_s)}
            response = super().send(_addressed(way, request, posts), *args, **options)
            with closing(response):
                body = _read(response, deadline)
        except FAILURES as error:
            raise no_answer(error) from None
        way.skew.note(response.headers.get("Date"), asked_ns, time.time_ns())
        if 300 <= response.status_code < 400:
            raise NoAnswerError("it points somewhere else, where nothing is asked")
        if not posts and not 200 <= response.status_code < 300:
            raise failure(response.status_code, body, response.headers)
        response._content = body  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] -- read to its end here, within the time
        return response


def _permit(way: Way, method: str, url: str) -> bool:
    """True for a post of the sign-in, False for a question; raises for the rest."""
    parts = urlsplit(url)
    ours = parts.scheme == "https" and parts.hostname == HOST
    if method == "GET":
        if not ours:  # the token is for Robinhood's own address
            raise UnreadableError(f"an address at {parts.hostname} is not asked")
        if not way.open:
            raise HeldBackError("the session has ended")
        return False
    if ours and method == "POST" and way.signing_in and _SIGN_IN.fullmatch(parts.path):
        return True
    _log.error("write_refused", method=method, host=parts.hostname, path=parts.path)
    raise WriteRefusedError(
        f"{method} {parts.hostname}{parts.path} was not sent: Robinhood is read-only here"
    )


def _addressed(way: Way, request: requests.PreparedRequest, posts: bool) -> Any:
    """A copy for where Robinhood is by the settings, with the token for a question only."""
    sent = request.copy()
    base, asked = urlsplit(way.url), urlsplit(request.url or "")
    sent.url = urlunsplit((base.scheme, base.netloc, base.path + asked.path, asked.query, ""))
    sent.headers.pop("Authorization", None)
    if way.token and not posts:
        sent.headers["Authorization"] = f"Bearer {way.token}"
    return sent


def _read(response: requests.Response, deadline: float) -> bytes:
    """The whole body, however slowly it drips, but not for ever."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if time.monotonic() > deadline or len(body) > _MAX_BODY:
            raise NoAnswerError("the answer does not come to an end")
    return bytes(body)
