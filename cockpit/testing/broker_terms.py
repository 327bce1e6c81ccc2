"""Terms that a venue keeps: a broker carries out what it offers, and refuses all else in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from cockpit.domain.order import Order, OrderState, OrderType, Side
from cockpit.domain.venue_terms import Feature, OrderClass, VenueTerms
from cockpit.ports.broker import BrokerOrder, NotSentError, OrderRejectedError
from cockpit.testing.bench import Bench
from cockpit.testing.waiting import eventually

D = Decimal
_TARGET, _STOP = D("10.50"), D("9.50")
_BRACKET = VenueTerms(order_class=OrderClass.BRACKET, take_profit=_TARGET, stop_loss=_STOP)
_OTO = VenueTerms(order_class=OrderClass.OTO, stop_loss=_STOP)
_OCO = VenueTerms(order_class=OrderClass.OCO, stop_loss=_STOP)
_TRAIL = VenueTerms(trail=D("0.20"))
_EARLY = VenueTerms(extended_hours=True)


class BrokerTerms:
    """A part of `BrokerContract`."""

    @pytest.mark.parametrize("feature", Feature)
    async def test_terms_are_carried_out_if_offered_and_else_refused_in_words(
        self, bench: Bench, feature: Feature
    ) -> None:
        if feature in bench.offers:
            await _CARRIED[feature](bench)
            return
        made = _asking_for(bench, feature)
        with pytest.raises((NotSentError, OrderRejectedError)) as refused:
            await bench.submit(made)
        assert refused.value.user_text
        assert await bench.broker.find_order(made.client_order_id) is None
        assert await bench.open_ids() == []
        plain = await bench.working("plain")
        with pytest.raises((NotSentError, OrderRejectedError)):
            await bench.replace(plain, _asking_for(bench, feature))
        assert await bench.open_ids() == ["plain"]

    async def test_the_exits_of_an_entry_wait_for_it(self, bench: Bench) -> None:
        """Of whatever entry with exits is offered: before it trades no exit does."""
        known = {Feature.BRACKET: _BRACKET, Feature.OTO: _OTO}
        for number, terms in enumerate(t for f, t in known.items() if f in bench.offers):
            entry = bench.order(f"entry-{number}", limit="9.80", venue=terms)
            await bench.submit(entry)
            await bench.until(entry, OrderState.WORKING)
            exits = await _family(bench, entry, 2 if terms is _BRACKET else 1)
            bench.venue.quote(10.60, 10.62)
            assert (await bench.held(), list(bench.sink.executions)) == (0, [])
            await bench.broker.cancel(entry)
            await bench.until(entry, OrderState.CANCELED)
            for exit_ in exits:
                await _ended(bench, exit_, OrderState.CANCELED)
            bench.venue.quote(9.99, 10.01)
        assert await bench.open_ids() == []


def _asking_for(bench: Bench, feature: Feature) -> Order:
    """An order that a venue would take if it offered that."""
    if feature is Feature.TRAILING:
        return bench.order("asked", Side.SELL, stop="9.79", venue=_TRAIL)
    if feature is Feature.OCO:
        return bench.order("asked", Side.SELL, limit=_TARGET, venue=_OCO)
    terms = {Feature.BRACKET: _BRACKET, Feature.OTO: _OTO, Feature.EXTENDED_HOURS: _EARLY}
    return bench.order("asked", limit="9.80", venue=terms[feature])


async def _bracket(bench: Bench) -> None:
    """Two exits of the entry's size, of which one trades and takes the other back."""
    entry = await _filled(bench, bench.order("entry", venue=_BRACKET))
    exits = await _family(bench, entry, 2)
    assert {(e.side, e.quantity) for e in exits} == {(Side.SELL, D(100))}
    target, stop = sorted(exits, key=lambda e: e.type is OrderType.STOP)
    assert (target.limit_price, stop.stop_price) == (_TARGET, _STOP)
    groups = {e.venue.group for e in exits if e.venue is not None}
    assert len(groups) == 1
    assert groups != {""}, "of both exits only one trades, and that is not told"
    bench.venue.quote(10.60, 10.62)
    await _ended(bench, target, OrderState.FILLED)
    await _ended(bench, stop, OrderState.CANCELED)
    assert (await bench.held(), await bench.open_ids()) == (0, [])


async def _oto(bench: Bench) -> None:
    """One exit, which belongs to its entry."""
    entry = await _filled(bench, bench.order("entry", venue=_OTO))
    [stop] = await _family(bench, entry, 1)
    assert (stop.side, stop.type, stop.stop_price) == (Side.SELL, OrderType.STOP, _STOP)
    bench.venue.quote(9.40, 9.42)
    await _ended(bench, stop, OrderState.FILLED)
    assert (await bench.held(), await bench.open_ids()) == (0, [])


async def _oco(bench: Bench) -> None:
    """A limit under our id and a stop in its group; what one trades the other does not."""
    await _filled(bench, bench.order("in"))
    target = bench.order("out", Side.SELL, limit=_TARGET, venue=_OCO)
    await bench.submit(target)
    await bench.until(target, OrderState.WORKING)
    [stop] = await _family(bench, target, 1)
    assert (stop.type, stop.stop_price, stop.quantity) == (OrderType.STOP, _STOP, D(100))
    bench.venue.quote(9.40, 9.42)
    await _ended(bench, stop, OrderState.FILLED)
    await bench.until(target, OrderState.CANCELED)
    assert (await bench.held(), await bench.open_ids()) == (0, [])


async def _trailing(bench: Bench) -> None:
    """The venue moves the stop with the market, and tells where it stands."""
    await _filled(bench, bench.order("in"))
    stop = bench.order("out", Side.SELL, stop="9.79", venue=_TRAIL)
    await bench.submit(stop)
    await bench.until(stop, OrderState.WORKING)
    bench.venue.quote(10.50, 10.52)
    found = await bench.broker.find_order("out")
    assert found is not None
    assert found.venue is not None
    assert (found.venue.trail, found.stop_price) == (D("0.20"), D("10.30"))
    bench.venue.quote(10.29, 10.31)
    await bench.until(stop, OrderState.FILLED)
    assert await bench.held() == 0


async def _extended(bench: Bench) -> None:
    """It goes out as what it is, and is listed so."""
    made = bench.order("early", limit="9.80", venue=_EARLY)
    await bench.submit(made)
    await bench.until(made, OrderState.WORKING)
    [listed] = await bench.broker.open_orders()
    assert listed.venue is not None
    assert listed.venue.extended_hours


async def _filled(bench: Bench, made: Order) -> Order:
    await bench.submit(made)
    await bench.until(made, OrderState.FILLED)
    return made


async def _family(bench: Bench, first: Order, count: int) -> list[BrokerOrder]:
    """What the venue made with `first`, by orders that say that they belong to it."""
    name, found = first.client_order_id, dict[str, BrokerOrder]()

    async def look() -> bool:
        for listed in await bench.broker.open_orders():
            terms = listed.venue
            if listed.client_order_id != name and terms and name in (terms.parent, terms.group):
                found[listed.client_order_id] = listed
        return len(found) == count

    await eventually(look, bench.venue.patience_s, f"{count} orders that belong to {name}")
    return list(found.values())


async def _ended(bench: Bench, listed: BrokerOrder, state: OrderState) -> None:
    """Wait until the books say that an order that the venue made has ended so."""

    async def look() -> bool:
        found = await bench.broker.find_order(listed.client_order_id)
        return found is not None and found.report.state is state

    await eventually(look, bench.venue.patience_s, f"{listed.client_order_id} {state.value}")


_CARRIED: dict[Feature, Callable[[Bench], Awaitable[None]]] = {
    Feature.BRACKET: _bracket,
    Feature.OTO: _oto,
    Feature.OCO: _oco,
    Feature.TRAILING: _trailing,
    Feature.EXTENDED_HOURS: _extended,
}
