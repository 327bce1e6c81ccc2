import itertools

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


async def test_calm_panels_take_turns_and_miss_nothing(qapp):
    bus = Bus()
    bridge = Bridge(bus)
    heard: list[tuple[str, int, set[str]]] = []
    for name in ("curve", "positions"):
        bridge.on_frame(
            lambda frame, name=name: heard.append((name, bridge.frames, set(frame.symbols))),
            every=3,
        )
    bridge.flush()
    heard.clear()
    for number in range(8):
        bus.publish(quote(f"S{number}", number))
        bridge.flush()
    frames = [frame for _, frame, _ in heard]
    assert len(set(frames)) == len(frames), "two were drawn in one frame"
    for name in ("curve", "positions"):
        mine = [frame for who, frame, _ in heard if who == name]
        assert len(mine) == 2
        assert all(b - a >= 3 for a, b in itertools.pairwise(mine))
    await eventually(lambda: all(_symbols(heard, n) == 8 for n in ("curve", "positions")))
    before = bridge.frames
    bridge.flush()
    assert bridge.frames == before + 1
    assert not bridge._armed, "nothing is left to tell"
    bridge.close()


def _symbols(heard: list[tuple[str, int, set[str]]], name: str) -> int:
    return len(set().union(*(symbols for who, _, symbols in heard if who == name)))


async def test_a_calm_panel_hears_of_an_order_at_once(qapp):
    bus = Bus()
    bridge, frames = Bridge(bus), []
    bridge.on_frame(frames.append, every=100)
    bridge.flush()
    frames.clear()
    bus.publish(quote("AAA", 1))
    bridge.flush()
    assert frames == []
    lamp = Connection(name="feed", kind="feed", health=Health.UP)
    bus.publish(ConnectionChanged(connection=lamp, ts_event=1, ts_init=1))
    bridge.flush()
    assert frames[-1].touched(ConnectionChanged)
    assert frames[-1].symbols == {"AAA"}
    bridge.close()


async def test_panels_of_one_turn_are_told_in_one_frame_and_of_the_same(qapp):
    bus = Bus()
    bridge = Bridge(bus)
    heard: dict[str, list[tuple[int, set[str]]]] = {"header": [], "curve": []}
    for name, every in (("header", 3), ("curve", 4)):
        bridge.on_frame(
            lambda frame, name=name: heard[name].append((bridge.frames, set(frame.symbols))),
            every=every,
            turn="money",
        )
    bridge.flush()
    for number in range(12):
        bus.publish(quote(f"S{number}", number))
        bridge.flush()
    assert len(heard["header"]) > 2
    assert heard["header"] == heard["curve"]
    bridge.close()


async def test_what_waited_for_its_turn_is_in_the_frame(qapp):
    bus = Bus()
    bridge, frames = await bridged(bus)
    bridge.before_frame(lambda: bus.publish(quote("LATE", 2)))

    def broken() -> None:
        raise RuntimeError("broken")

    bridge.before_frame(broken)
    bus.publish(quote("EARLY", 1))
    bridge.flush()
    assert frames[-1].symbols == {"EARLY", "LATE"}
    assert not bridge._armed, "nothing is left for another frame"
    bridge.close()
