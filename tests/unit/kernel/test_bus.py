from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.kernel.bus import Bus, HandlerFailed


class Ping(msgspec.Struct, frozen=True):
    number: int = 0


class Pong(msgspec.Struct, frozen=True):
    number: int = 0


class LoudPing(Ping, frozen=True):
    pass


@pytest.fixture
def bus() -> Bus:
    return Bus()


def failing(event: object) -> None:
    raise ValueError(f"no {event}")


def test_class_is_the_topic(bus: Bus) -> None:
    heard: list[object] = []
    bus.subscribe(Ping, heard.append)
    for event in (Ping(1), Pong(2), LoudPing(3), Ping(4)):
        bus.publish(event)
    assert heard == [Ping(1), Ping(4)]


def test_subscribers_are_served_in_the_order_they_came(bus: Bus) -> None:
    heard: list[str] = []
    for name in "abc":
        bus.subscribe(Ping, lambda _event, name=name: heard.append(name))
    bus.publish(Ping())
    assert heard == ["a", "b", "c"]


def test_broken_handler_is_isolated_named_and_counted(bus: Bus) -> None:
    heard: list[Ping] = []
    failures: list[HandlerFailed] = []
    bus.subscribe(Ping, failing, name="bad")
    bus.subscribe(Ping, heard.append)
    bus.subscribe(HandlerFailed, failures.append)
    bus.publish(Ping(1))
    bus.publish(Ping(2))
    assert heard == [Ping(1), Ping(2)]
    assert [(f.handler, f.topic, f.count) for f in failures] == [
        ("bad", "Ping", 1),
        ("bad", "Ping", 2),
    ]
    assert "no Ping" in failures[0].error
    assert bus.failures == {"bad": 2}


def test_broken_listener_of_failures_does_not_feed_itself(bus: Bus) -> None:
    bus.subscribe(Ping, failing, name="bad")
    bus.subscribe(HandlerFailed, failing, name="worse")
    bus.publish(Ping())
    assert bus.failures == {"bad": 1, "worse": 1}


def test_everybody_sees_nested_events_in_the_same_order(bus: Bus) -> None:
    first: list[object] = []
    last: list[object] = []

    def answer(event: Ping) -> None:
        if event.number == 1:
            bus.publish(Pong(1))
            bus.publish(Ping(2))

    for heard in (first, last):
        for topic in (Ping, Pong):
            bus.subscribe(topic, heard.append)
        bus.subscribe(Ping, answer) if heard is first else None
    bus.publish(Ping(1))
    assert first == last == [Ping(1), Pong(1), Ping(2)]


def test_publish_returns_after_all_that_it_caused(bus: Bus) -> None:
    heard: list[object] = []
    bus.subscribe(Ping, lambda event: bus.publish(Pong(event.number)))
    bus.subscribe(Pong, heard.append)
    bus.publish(Ping(7))
    assert heard == [Pong(7)]


def test_unsubscribed_is_never_called_again_not_even_in_the_same_dispatch(bus: Bus) -> None:
    heard: list[str] = []
    ends: list[Callable[[], None]] = []

    def first(_event: Ping) -> None:
        heard.append("first")
        ends[0]()

    bus.subscribe(Ping, first)
    ends.append(bus.subscribe(Ping, lambda _event: heard.append("second")))
    bus.subscribe(Ping, lambda _event: heard.append("third"))
    bus.publish(Ping())
    bus.publish(Ping())
    assert heard == ["first", "third"] * 2


def test_handler_may_end_itself(bus: Bus) -> None:
    heard: list[Ping] = []

    def once(event: Ping) -> None:
        heard.append(event)
        end()

    end = bus.subscribe(Ping, once)
    bus.publish(Ping(1))
    bus.publish(Ping(2))
    assert heard == [Ping(1)]


def test_subscribed_during_a_dispatch_starts_with_the_next_event(bus: Bus) -> None:
    heard: list[Ping] = []

    def recruit(event: Ping) -> None:
        if event.number == 1:
            bus.subscribe(Ping, heard.append)

    bus.subscribe(Ping, recruit)
    bus.publish(Ping(1))
    bus.publish(Ping(2))
    assert heard == [Ping(2)]


def test_unsubscribing_twice_ends_only_that_subscription(bus: Bus) -> None:
    heard: list[Ping] = []
    end = bus.subscribe(Ping, heard.append)
    bus.subscribe(Ping, heard.append)
    end()
    end()
    bus.publish(Ping(1))
    assert heard == [Ping(1)]


def test_what_breaks_out_leaves_the_bus_working(bus: Bus) -> None:
    heard: list[Ping] = []
    end = bus.subscribe(Ping, lambda _event: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        bus.publish(Ping(1))
    end()
    bus.subscribe(Ping, heard.append)
    bus.publish(Ping(2))
    assert heard == [Ping(2)]


def test_handlers_are_named_by_where_they_are_from(bus: Bus) -> None:
    bus.subscribe(Ping, failing)
    bus.subscribe(Ping, partial(failing))
    bus.publish(Ping())
    plain, wrapped = bus.failures
    assert plain.endswith("test_bus.failing")
    assert "partial" in wrapped


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["on", "off", "send"])), max_size=40))
def test_exactly_the_subscribed_hear_exactly_what_was_published(
    steps: list[tuple[int, str]],
) -> None:
    bus = Bus()
    ends: dict[int, Callable[[], None]] = {}
    heard: dict[int, list[int]] = {n: [] for n in range(4)}
    expected: dict[int, list[int]] = {n: [] for n in range(4)}
    for step, (who, what) in enumerate(steps):
        if what == "on" and who not in ends:
            ends[who] = bus.subscribe(Ping, lambda event, who=who: heard[who].append(event.number))
        elif what == "off":
            ends.pop(who, lambda: None)()
        elif what == "send":
            bus.publish(Ping(step))
            for subscribed in ends:
                expected[subscribed].append(step)
    assert heard == expected


def test_what_is_published_together_reaches_each_subscriber_as_one(bus: Bus) -> None:
    heard: list[object] = []
    bus.subscribe(Ping, lambda event: heard.append(("one", event.number)))
    bus.subscribe(
        Ping, failing, many=lambda events: heard.append(("many", [e.number for e in events]))
    )
    bus.subscribe(Pong, lambda event: heard.append(("pong", event.number)))
    bus.subscribe(Ping, lambda event: bus.publish(Pong(event.number)))
    bus.publish_all([Ping(1), Ping(2)])
    assert heard == [
        ("one", 1), ("one", 2), ("many", [1, 2]), ("pong", 1), ("pong", 2),
    ]  # fmt: skip
    assert bus.failures == {}
    bus.publish_all([])
    assert len(heard) == 5


def test_a_broken_handler_of_many_is_isolated_and_one_of_singles_gets_the_rest(bus: Bus) -> None:
    heard: list[int] = []

    def odd(event: Ping) -> None:
        if event.number == 1:
            raise ValueError("odd")
        heard.append(event.number)

    bus.subscribe(Ping, odd, many=failing, name="many")
    bus.subscribe(Ping, odd, name="single")
    bus.publish_all([Ping(1), Ping(2)])
    assert heard == [2]
    assert bus.failures == {"many": 1, "single": 1}


def test_what_is_published_together_inside_a_handler_waits_its_turn(bus: Bus) -> None:
    heard: list[object] = []
    bus.subscribe(Pong, lambda _event: bus.publish_all([Ping(1), Ping(2)]))
    bus.subscribe(Ping, heard.append, many=heard.extend)
    bus.subscribe(Pong, heard.append)
    bus.publish(Pong(0))
    assert heard == [Pong(0), Ping(1), Ping(2)]


def test_who_is_sent_away_meanwhile_hears_nothing_of_what_is_published_together(bus: Bus) -> None:
    heard: list[Ping] = []
    leaves: list[Callable[[], None]] = []

    def send_away(_events: object) -> None:
        for leave in leaves:
            leave()

    bus.subscribe(Ping, send_away, many=send_away)
    leaves.append(bus.subscribe(Ping, heard.append, many=heard.extend))
    leaves.append(bus.subscribe(Ping, heard.append))
    bus.publish_all([Ping(1), Ping(2)])
    assert heard == []
