"""What a session asks the sources of research data for, all the time."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from cockpit.app.core import Core
from cockpit.app.data.backfill import Backfill
from cockpit.app.data.closes import PreviousCloses
from cockpit.app.data.company_news import CompanyNews
from cockpit.app.data.second import SecondOpinion
from cockpit.kernel.supervisor import SupervisorStoppedError


def ask_sources(core: Core) -> None:
    """Show what was before the start, and hear a second opinion, where there are sources."""
    router = core.router
    if router is None:
        return

    def at_stake() -> list[str]:
        held = [position.symbol for position in core.portfolio.open_positions()]
        return list(dict.fromkeys([*held, *(order.symbol for order in core.orders.open())]))

    def watched() -> list[str]:
        triggers = core.triggers.all() if core.triggers is not None else []
        return [*at_stake(), *(each.symbol for each in triggers if each.armed)]

    def work(body: Coroutine[Any, Any, None], name: str) -> None:
        with suppress(SupervisorStoppedError):  # a chart may look on while all is stopping
            core.supervisor.work(body, name=name, owner="market")

    past = Backfill(watched, lambda: core.book.symbols, core.bars, router, core.clock, spawn=work)
    core.supervisor.serve(past.run, name="backfill", owner="market")
    quality, book = core.ingest.quality, core.book

    def without_close() -> list[str]:
        return [s for s in dict.fromkeys(watched()) if book.previous_close(s) is None]

    def tell_close(symbol: str, close: float) -> None:
        known = book.instrument(symbol)
        if known is not None and book.previous_close(symbol) is None:
            book.add(known, close)
            quality.expect(symbol, close)

    closes = PreviousCloses(without_close, router, core.clock, core.calendar, tell_close)
    core.supervisor.serve(closes.run, name="previous-closes", owner="market")
    second = SecondOpinion(
        at_stake, router, core.clock, quality.second_source, feed=lambda: quality.source
    )
    core.supervisor.serve(second.run, name="second-opinion", owner="market")
    news = CompanyNews(at_stake, router, core.clock, core.alerts)
    core.supervisor.serve(news.run, name="company-news", owner="market")
