"""One vendor's REST side over aiohttp, which is loaded here, beside the loop, at the first use.

Every wait ends, every body is bounded, nothing is sent twice and nothing follows a redirect:
the key goes to the address of the settings and nowhere else.
"""

from __future__ import annotations

import importlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cockpit.adapters.sources.settings import RestSettings
from cockpit.adapters.trust import TrustError, distrusted, trust
from cockpit.kernel.aside import aside
from cockpit.ports.source import DownError, MalformedError

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_MEGABYTE = 1 << 20
_CHUNK = 1 << 16
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are as `headers` compares them: in any case of letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Rest:
    """Asks one host. What it raises says nothing of the address: it may hold a key."""

    def __init__(self, vendor: str, url: str, settings: RestSettings) -> None:
        self._vendor = vendor
        self._url = url
        self._settings = settings
        self._believed: ssl.SSLContext | None = None
        self._session: ClientSession | None = None

    async def get(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str] = _NOTHING
    ) -> Reply:
        """Ask once. Raises DownError for no answer, MalformedError for one without end."""
        session = await self._opened()
        from aiohttp import ClientError

        try:
            async with session.get(
                self._url + path, params=params, headers=headers, allow_redirects=False
            ) as answer:
                return Reply(answer.status, answer.headers, await self._body(answer))
        except TimeoutError:
            raise DownError(self._vendor, "no answer in time") from None
        except (ClientError, OSError, ValueError) as error:
            raise DownError(self._vendor, distrusted(error) or self._broken(error)) from None

    async def close(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _opened(self) -> ClientSession:
        if self._believed is None:
            ca_file = self._settings.ca_file
            try:
                self._believed = await aside(lambda: _prepared(ca_file), name="load-aiohttp")
            except TrustError as error:
                raise DownError(self._vendor, str(error)) from error
        if self._session is None:
            own = self._settings
            from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

            self._session = ClientSession(
                connector=TCPConnector(ssl=self._believed),
                timeout=ClientTimeout(
                    total=own.answer_timeout_s, sock_connect=own.connect_timeout_s
                ),
                cookie_jar=DummyCookieJar(),
            )
            # on a line that was dropped while idle it would ask twice, and count once
            self._session._retry_connection = False  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] -- there is no other switch; a test counts the requests
        return self._session

    async def _body(self, answer: ClientResponse) -> bytes:
        most, body = self._settings.max_answer_mb * _MEGABYTE, bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK):
            body += chunk
            if len(body) > most:
                raise MalformedError(
                    self._vendor, f"an answer of more than {self._settings.max_answer_mb} MB"
                )
        return bytes(body)

    def _broken(self, error: Exception) -> str:
        host = urlsplit(self._url).hostname
        return f"the line to {host} broke ({type(error).__name__})"


def _prepared(ca_file: Path | None) -> ssl.SSLContext:
    """Load the library, read whose certificates are believed: both take their time."""
    importlib.import_module("aiohttp")
    return trust(ca_file)
