"""Why an opening order must wait, in words a trader can act on."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from cockpit.domain.connection import Connection, Health
from cockpit.domain.events import ConnectionChanged
from cockpit.kernel.bus import Bus
from cockpit.trading.orders import OrderBook
from cockpit.trading.readiness import Readiness


class Room:
    """Readiness with lamps that a test switches."""

    def __init__(self) -> None:
        self.bus, self.frozen = Bus(), dict[str, str]()
        self.late = False
        self.ready = Readiness(
            bus=self.bus,
            orders=OrderBook(),
            late=lambda: self.late,
            frozen=self.frozen,
            max_skew_s=lambda: Decimal(1),
        )

    def lamp(self, kind: str, health: Health, skew: float | None = None) -> None:
        lamp = Connection(name="test", kind=kind, health=health, clock_skew_s=skew)
        self.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))


@pytest.fixture
def room() -> Room:
    return Room()


def test_nothing_connected_is_not_ready(room: Room) -> None:
    assert room.ready.why_not("ABC") == "Nothing is connected yet."


@pytest.mark.parametrize("health", [Health.UP, Health.PAUSED])
def test_ready_when_every_lamp_is_well(room: Room, health: Health) -> None:
    room.lamp("broker", Health.UP)
    room.lamp("feed", health)
    assert room.ready.why_not("ABC") == ""


@pytest.mark.parametrize("health", sorted(set(Health) - {Health.UP, Health.PAUSED}))
def test_one_bad_lamp_is_enough_and_is_named(room: Room, health: Health) -> None:
    room.lamp("broker", Health.UP)
    room.lamp("feed", health)
    assert room.ready.why_not("ABC") == f"The feed test is {health.value.replace('_', ' ')}."
    room.lamp("feed", Health.UP)
    assert room.ready.why_not("ABC") == ""


def test_a_frozen_symbol_waits_alone(room: Room) -> None:
    room.lamp("broker", Health.UP)
    room.frozen["ABC"] = "An order on ABC made no sense."
    assert room.ready.why_not("ABC") == "An order on ABC made no sense."
    assert room.ready.why_not("XYZ") == ""


def test_a_late_loop_waits_for_all(room: Room) -> None:
    room.lamp("broker", Health.UP)
    room.late = True
    assert "running late" in room.ready.why_not("ABC")
    room.late = False
    assert room.ready.why_not("ABC") == ""


@pytest.mark.parametrize("skew", [-1.0, 0.0, 1.0, None])
def test_clocks_that_agree_within_the_limit(room: Room, skew: float | None) -> None:
    room.lamp("broker", Health.UP, skew)
    assert room.ready.why_not("ABC") == ""


@pytest.mark.parametrize("skew", [1.01, -1.01, math.nan, math.inf])
def test_clocks_that_differ_hold_openings_back(room: Room, skew: float) -> None:
    room.lamp("feed", Health.UP)
    room.lamp("broker", Health.UP, skew)
    assert room.ready.why_not("ABC").startswith("This computer's clock and that of the broker test")
    assert room.ready.disconnected() == ""  # what closes goes on


def test_a_read_only_session_sends_nothing_not_even_what_closes(room: Room) -> None:
    lamp = Connection(name="test", kind="broker", health=Health.UP, read_only=True)
    room.bus.publish(ConnectionChanged(connection=lamp, ts_event=0, ts_init=0))
    told = "The broker test is read-only here; it sends no orders."
    assert room.ready.disconnected() == room.ready.why_not("ABC") == told
