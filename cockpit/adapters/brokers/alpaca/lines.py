"""The REST side of a session: who may ask when, in which thread, and how paging goes."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

import structlog

from cockpit.adapters.brokers.alpaca.budget import Purpose, RateBudget
from cockpit.adapters.brokers.alpaca.faults import (
    UnreadableError,
    VenueRefusalError,
)
from cockpit.adapters.brokers.alpaca.keys import Keys
from cockpit.adapters.brokers.alpaca.settings import AlpacaSettings
from cockpit.adapters.brokers.alpaca.wire import (
    WireAccount,
    WireActivity,
    WireBroken,
    WireId,
    WireName,
    WireOrder,
    WireOutcome,
    WirePosition,
    each_decoded,
    each_fill_decoded,
)
from cockpit.adapters.brokers.bodies import decoded, ns_of
from cockpit.adapters.brokers.workers import Workers
from cockpit.domain.account import Mode
from cockpit.domain.values import utc
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock

if TYPE_CHECKING:
    from cockpit.adapters.brokers.alpaca.rest import Line

_log = structlog.get_logger(__name__)
T = TypeVar("T")
_FAST_THREADS = 4  # orders and cancels: a slow one must not hold up the next
_SLOW_THREADS = 2
_ORDERS_PAGE = 500
_ACTIVITIES_PAGE = 100
_MAX_PAGES = 200
_SLACK_S = 1.0
_LOADING_S = 60.0
_MICROSECOND = 1000
_DELAYS_KEPT = 50


class Lines:
    """Asks Alpaca. All raise NoAnswerError, VenueRefusalError, HeldBackError, UnreadableError."""

    def __init__(self, settings: AlpacaSettings, keys: Keys, mode: Mode, clock: Clock) -> None:
        self.budget = RateBudget(
            settings.requests_per_minute, settings.rate_reserve, lambda: clock.now_ns() / SECOND
        )
        self.delays_ms: deque[float] = deque(maxlen=_DELAYS_KEPT)
        self._within_s = settings.connect_timeout_s + settings.answer_timeout_s + _SLACK_S

        def line() -> Line:
            from cockpit.adapters.brokers.alpaca.rest import Line, LineSettings

            return Line(
                LineSettings(
                    keys=keys,
                    url=settings.rest_url(mode),
                    data_url=settings.data_url,
                    paper=mode is not Mode.LIVE,
                    connect_timeout_s=settings.connect_timeout_s,
                    answer_timeout_s=settings.answer_timeout_s,
                    ca_file=settings.ca_file,
                    budget=self.budget,
                )
            )

        self._fast = Workers("alpaca-order", _FAST_THREADS, line)
        self._slow = Workers("alpaca-query", _SLOW_THREADS, line)

    def close(self) -> None:
        """Let the threads end."""
        self._fast.close()
        self._slow.close()

    async def load(self) -> None:
        """Load the SDK, which on a cold machine takes longer than an answer may."""
        await self._slow.run(lambda _line: None, _LOADING_S)

    async def send(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        cancel: bool = False,
    ) -> bytes:
        """An order or a cancel: one request, on a line that queries don't use."""
        purpose = Purpose.CANCEL if cancel else Purpose.ORDER
        return await self._run(self._fast, purpose, lambda line: line.ask(method, path, body))

    async def get(
        self,
        path: str,
        kind: type[T],
        params: dict[str, str] | None = None,
        *,
        purpose: Purpose = Purpose.COMPARE,
        data: bool = False,
        version: str | None = None,
    ) -> T:
        """A query's answer as `kind`."""
        body = await self._ask(path, params, purpose=purpose, data=data, version=version)
        return decoded(body, kind)

    async def warm(self) -> None:
        """Use each line that orders go over once, so that none has to be opened first."""

        def look(line: Line) -> bytes:
            return line.ask("GET", "/clock")

        lines = (self._run(self._fast, Purpose.RESEARCH, look) for _ in range(_FAST_THREADS))
        for answer in await asyncio.gather(*lines, return_exceptions=True):
            if isinstance(answer, Exception):
                _log.info("line_not_warm", error=str(answer))

    async def account(self) -> WireAccount:
        """Money and permissions."""
        return await self.get("/account", WireAccount)

    async def positions(self) -> list[WirePosition]:
        """What is held."""
        return await self.get("/positions", list[WirePosition])

    async def order(self, client_order_id: str) -> WireOrder | None:
        """One order by the id we gave it; None when the venue says it does not know it."""
        params = {"client_order_id": client_order_id}
        return await self._one("/orders:by_client_order_id", WireOrder, params)

    async def venue_id(self, client_order_id: str) -> str | None:
        """What the venue calls it, whatever else of it can be read; None when it is not known."""
        params = {"client_order_id": client_order_id}
        found = await self._one("/orders:by_client_order_id", WireId, params)
        return None if found is None else found.id

    async def order_of_venue(self, venue_order_id: str) -> WireOrder | None:
        """One order by the venue's own id."""
        return await self._one(f"/orders/{venue_order_id}", WireOrder)

    async def orders(
        self, status: str, since_ns: int = 0, *, nested: bool = False
    ) -> list[WireOrder | WireName]:
        """All orders of a status by arrival, page by page; of one that can't be read its name.

        `nested` shows legs with the order that they came with, and not beside it.

        A page begins a moment before the last one ended, so that orders of the very same
        moment are not skipped; what comes twice is taken once.
        """
        found: dict[str, WireOrder | WireName] = {}
        after_ns = since_ns
        for _ in range(_MAX_PAGES):
            page = each_decoded(await self._ask("/orders", _orders_page(status, after_ns, nested)))
            news = [order for order in page if order.id not in found]
            found.update((order.id, order) for order in news)
            if len(page) < _ORDERS_PAGE:
                return list(found.values())
            after_ns = ns_of(page[-1].submitted_at) - _MICROSECOND
            if not news:
                break
        raise UnreadableError("the list of orders does not come to an end")

    async def fills(self, since_ns: int) -> list[WireActivity | WireBroken]:
        """All executions since `since_ns`, oldest first; of one that can't be read its name."""
        found: dict[str, WireActivity | WireBroken] = {}
        params = {
            "after": f"{utc(max(0, since_ns - SECOND)):%Y-%m-%dT%H:%M:%SZ}",  # whole seconds only
            "direction": "asc",
            "page_size": str(_ACTIVITIES_PAGE),
        }
        for _ in range(_MAX_PAGES):
            page = each_fill_decoded(await self._ask("/account/activities/FILL", params))
            before = len(found)
            found.update((fill.id or str(fill), fill) for fill in page)
            if len(page) < _ACTIVITIES_PAGE:
                return [fill for fill in found.values() if _since(fill, since_ns)]
            if len(found) == before or not page[-1].id:
                break
            params["page_token"] = page[-1].id
        raise UnreadableError("the list of executions does not come to an end")

    async def cancel_all(self) -> list[WireOutcome]:
        """Ask for cancellation of everything; what came of each."""
        body = await self.send("DELETE", "/orders", cancel=True)
        return decoded(body, list[WireOutcome]) if body else []

    async def _one(
        self, path: str, kind: type[T], params: dict[str, str] | None = None
    ) -> T | None:
        try:
            return await self.get(path, kind, params)
        except VenueRefusalError as refusal:
            if refusal.status == 404:
                return None
            raise

    async def _ask(
        self,
        path: str,
        params: dict[str, str] | None = None,
        *,
        purpose: Purpose = Purpose.COMPARE,
        data: bool = False,
        version: str | None = None,
    ) -> bytes:
        def call(line: Line) -> bytes:
            return line.ask("GET", path, params, data=data, version=version)

        return await self._run(self._slow, purpose, call)

    async def _run(
        self, workers: Workers[Line], purpose: Purpose, call: Callable[[Line], bytes]
    ) -> bytes:
        self.budget.take(purpose)
        began = time.perf_counter_ns()
        answer = await workers.run(call, self._within_s)
        self.delays_ms.append((time.perf_counter_ns() - began) / 1e6)
        return answer


def _since(fill: WireActivity | WireBroken, since_ns: int) -> bool:
    """One that can't be read may be as late as any."""
    return isinstance(fill, WireBroken) or ns_of(fill.transaction_time) >= since_ns


def _orders_page(status: str, after_ns: int, nested: bool) -> dict[str, str]:
    page = {"status": status, "limit": str(_ORDERS_PAGE), "direction": "asc"}
    page["nested"] = str(nested).lower()
    return page | ({"after": _time_of(after_ns)} if after_ns > 0 else {})


def _time_of(ts_ns: int) -> str:
    return f"{utc(max(0, ts_ns)):%Y-%m-%dT%H:%M:%S.%fZ}"
