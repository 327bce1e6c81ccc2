from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged, TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote
from cockpit.kernel.bus import Bus
from cockpit.ui.bridge import Bridge, Frame
from tests.support import eventually


def quote(symbol: str, n: int) -> Quote:
    return Quote(symbol=symbol, bid=1, ask=2, bid_size=1, ask_size=1, ts_event=n, ts_init=n)


async def bridged(bus: Bus) -> tuple[Bridge, list[Frame]]:
    bridge, frames = Bridge(bus), []
    bridge.on_frame(frames.append)
    bridge.flush()
    frames.clear()
    return bridge, frames


async def test_a_thousand_quotes_are_one_frame(qapp):
    bus = Bus()
    bridge, frames = await bridged(bus)
    for n in range(1000):
        bus.publish(quote("AAA" if n % 2 else "BBB", n))
    assert frames == []
    await eventually(lambda: frames)
    assert frames[0].symbols == {"AAA", "BBB"}
    assert not frames[0].topics
    assert sum(bool(frame.symbols) for frame in frames) == 1
    bridge.close()


async def test_the_heartbeat_comes_without_any_event(qapp):
    bridge, frames = await bridged(Bus())
    await eventually(lambda: [f for f in frames if f.heartbeat], within=2)
    assert bridge.p99_ms() >= 0
    bridge.close()


async def test_other_events_arrive_as_their_class(qapp):
    bus = Bus()
    bridge, frames = await bridged(bus)
    halted = TradingStateChanged(
        state=TradingState.HALTED, previous=TradingState.ACTIVE, reason="", ts_event=1, ts_init=1
    )
    bus.publish(halted)
    bridge.flush()
    assert frames[-1].touched(TradingStateChanged)
    assert not frames[-1].touched(ConnectionChanged)
    bridge.close()


async def test_a_broken_panel_does_not_darken_the_others(qapp):
    bridge, frames = await bridged(Bus())

    def broken(_frame: Frame) -> None:
        raise ValueError("no")

    bridge.on_frame(broken)
    later: list[Frame] = []
    bridge.on_frame(later.append)
    bridge.flush()
    bridge.flush()
    assert len(later) == 2
    assert len(frames) == 2
    bridge.close()


async def test_who_ends_the_subscription_hears_nothing_more(qapp):
    bus = Bus()
    bridge, frames = await bridged(bus)
    ends = bridge.on_frame(lambda _frame: None)
    ends()
    ends()
    lamp = Connection(name="feed", kind="feed", health=Health.UP)
    bus.publish(ConnectionChanged(connection=lamp, ts_event=1, ts_init=1))
    bridge.close()
    bus.publish(quote("AAA", 1))
    bridge.flush()
    assert frames == []
