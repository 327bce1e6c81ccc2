"""Asks Robinhood: in which thread, with what token, and page by page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from cockpit.adapters.brokers.asking import VenueRefusalError
from cockpit.adapters.brokers.bodies import UnreadableError, decoded
from cockpit.adapters.brokers.robinhood.settings import RobinhoodSettings
from cockpit.adapters.brokers.robinhood.wire import (
    Page,
    WireAccount,
    WireContract,
    WireHistories,
    WireHistory,
    WireInstrument,
    WireOrder,
    WirePortfolio,
    WirePosition,
    WireQuote,
    WireQuotes,
)
from cockpit.adapters.brokers.workers import Workers
from cockpit.adapters.secrets.skew import SkewMeter
from cockpit.domain.values import utc

if TYPE_CHECKING:
    from cockpit.adapters.brokers.robinhood.sdk import Answer, Line

T = TypeVar("T")
Token = Callable[[str | None], Awaitable[str]]
"""Gives the token to ask with; told the one that was just refused, another one."""

_MAX_PAGES = 500
_SIGNED_IN: dict[str, Lines] = {}
_SLACK_S = 1.0
_ID = re.compile(r"[\w-]+")


class Lines:
    """All raise NoAnswerError, VenueRefusalError, HeldBackError, UnreadableError, BrokerError."""

    def __init__(self, settings: RobinhoodSettings, token: Token) -> None:
        self._token = token
        self._symbols: dict[str, str] = {}
        self.skew = SkewMeter()
        self._within_s = settings.connect_timeout_s + settings.answer_timeout_s + _SLACK_S

        def line() -> Line:
            from cockpit.adapters.brokers.robinhood.sdk import Line
            from cockpit.adapters.brokers.robinhood.transport import Way

            way = Way(
                url=settings.url,
                connect_timeout_s=settings.connect_timeout_s,
                answer_timeout_s=settings.answer_timeout_s,
                skew=self.skew,
                ca_file=settings.ca_file,
            )
            return Line(way)

        self._workers = Workers("robinhood", 1, line)  # the SDK has one session for all

    def share(self, account: str) -> None:
        """Let the feed of the same account ask over these: the SDK has one session for all."""
        _SIGNED_IN[account] = self

    def close(self) -> None:
        """Let the thread end."""
        for account in [name for name, lines in _SIGNED_IN.items() if lines is self]:
            del _SIGNED_IN[account]
        self._workers.close()

    # the sign-in's own

    async def sign_in(
        self, path: str, fields: Mapping[str, Any], *, as_json: bool = False
    ) -> Answer:
        """One post of the sign-in."""
        return await self._run(lambda line: line.sign_in(path, fields, as_json=as_json))

    async def ask_unsigned(self, path: str, kind: type[T]) -> T:
        """A question of the sign-in, which has no token yet."""
        return decoded(await self._run(lambda line: line.get(path, None, None)), kind)

    # questions

    async def get(self, path: str, kind: type[T], params: Mapping[str, str] | None = None) -> T:
        """The answer to one question as `kind`."""
        return await self._signed(kind, lambda line, token: line.get(path, params, token))

    async def accounts(self) -> list[WireAccount]:
        """Every account of the person."""
        params = {"default_to_all_accounts": "true"}
        first = await self.get("/accounts/", Page[WireAccount], params)
        return await self._all(first, Page[WireAccount])

    async def portfolio(self, account: str) -> WirePortfolio:
        """What an account is worth."""
        return await self.get(f"/portfolios/{account}/", WirePortfolio)

    async def positions(self, account: str) -> list[WirePosition]:
        """All that is held."""
        params = {"account_number": account, "nonzero": "true"}
        first = await self.get("/positions/", Page[WirePosition], params)
        return await self._all(first, Page[WirePosition])

    async def option_positions(self) -> list[WireContract]:
        """All option contracts that are held; they are counted, and not read any further."""
        first = await self.get("/options/positions/", Page[WireContract], {"nonzero": "true"})
        return await self._all(first, Page[WireContract])

    async def orders(self, account: str, since_ns: int) -> list[WireOrder]:
        """All orders that changed since then, each once."""
        since = f"{utc(max(0, since_ns)):%Y-%m-%dT%H:%M:%SZ}"
        first = await self._signed(
            Page[WireOrder], lambda line, token: line.orders(account, since, token)
        )
        found = await self._all(first, Page[WireOrder])
        return list({order.id: order for order in found}.values())

    async def order(self, order_id: str) -> WireOrder | None:
        """One order; None when Robinhood says that it does not know it."""
        if not _ID.fullmatch(order_id):
            return None
        try:
            return await self.get(f"/orders/{order_id}/", WireOrder)
        except VenueRefusalError as refusal:
            if refusal.status == 404:
                return None
            raise

    async def symbol(self, instrument: str) -> str:
        """The symbol of an instrument's address."""
        if instrument not in self._symbols:
            self._symbols[instrument] = (await self.get(instrument, WireInstrument)).symbol
        return self._symbols[instrument]

    async def quotes(self, symbols: list[str]) -> list[WireQuote]:
        """Bid and ask of those symbols that Robinhood knows."""
        params = {"symbols": ",".join(symbols)}
        answer = await self.get("/quotes/", WireQuotes, params)
        return [quote for quote in answer.results if quote is not None]

    async def history(self, symbol: str, interval: str, span: str) -> WireHistory | None:
        """The bars of one symbol; None when Robinhood does not know it."""
        params = {"symbols": symbol, "interval": interval, "span": span, "bounds": "regular"}
        answer = await self.get("/quotes/historicals/", WireHistories, params)
        return next((h for h in answer.results if h.symbol == symbol), None)

    async def _all(self, page: Page[T], kind: type[Page[T]]) -> list[T]:
        """The whole list or an error: a part of it would look like less than there is."""
        found, seen = list(page.results), set[str]()
        while page.next:
            if page.next in seen or len(seen) >= _MAX_PAGES:
                raise UnreadableError("the list does not come to an end")
            seen.add(page.next)
            page = await self.get(page.next, kind)
            found += page.results
        return found

    async def _signed(self, kind: type[T], ask: Callable[[Line, str], bytes]) -> T:
        token = await self._token(None)
        try:
            body = await self._run(lambda line: ask(line, token))
        except VenueRefusalError as refusal:
            if refusal.status != 401:
                raise
            renewed = await self._token(token)  # it ended sooner than it was to
            body = await self._run(lambda line: ask(line, renewed))
        return decoded(body, kind)

    async def _run(self, call: Callable[[Line], T]) -> T:
        return await self._workers.run(call, self._within_s)


def lines_of(account: str) -> Lines | None:
    """Those of the signed-in broker of that account; None while there is none."""
    return _SIGNED_IN.get(account)
