"""Who serves, by what the lamps said and when."""

from __future__ import annotations

from itertools import pairwise

from cockpit.adapters.feeds.standing import Patience, Standing, Turns
from cockpit.domain.connection import Connection, Health

UP, DOWN, STALE = Health.UP, Health.DOWN, Health.STALE


class Feeds:
    """Lamps by hand, in seconds; all that is wanted runs."""

    def __init__(self, count: int = 2) -> None:
        self.own = Patience()
        self.standings = [Standing(self.own, 0.0) for _ in range(count)]
        self.turns = Turns(self.standings, self.own)
        self._begun: set[int] = set()
        self.look(0)

    def lamp(self, at: int, health: Health, now_s: float) -> None:
        name = f"feed {at}"
        self.standings[at].take(Connection(name=name, kind="feed", health=health), now_s)

    def look(self, now_s: float) -> int:
        for at in range(self.turns.wanted(now_s)):
            if at not in self._begun:
                self._begun.add(at)
                self.standings[at].begins(now_s)
        self.turns.look(now_s)
        return self.turns.serving


def test_a_short_break_changes_nothing() -> None:
    feeds = Feeds()
    feeds.lamp(0, UP, 1)
    feeds.lamp(0, DOWN, 100)
    assert feeds.look(101.9) == 0
    assert feeds.turns.wanted(101.9) == 1
    feeds.lamp(0, UP, 101.95)
    assert feeds.look(110) == 0


def test_the_next_one_serves_once_it_is_up_and_the_first_again_when_it_stays_up() -> None:
    feeds = Feeds()
    feeds.lamp(0, UP, 1)
    feeds.lamp(0, DOWN, 100)
    assert feeds.look(102) == 0
    assert feeds.turns.wanted(102) == 2
    feeds.look(102)
    feeds.lamp(1, UP, 103)
    assert feeds.look(103) == 1
    feeds.lamp(0, UP, 110)
    assert feeds.look(139) == 1
    assert feeds.look(140) == 0
    assert feeds.look(141) == 0


def test_one_that_was_found_stale_is_left_at_once_and_not_believed_when_it_is_up() -> None:
    feeds = Feeds()
    feeds.lamp(0, UP, 1)
    feeds.lamp(0, STALE, 100)
    feeds.lamp(0, UP, 100.5)
    feeds.look(100.5)
    feeds.lamp(1, UP, 101)
    assert feeds.look(101) == 1
    assert feeds.look(130) == 1
    assert feeds.look(131) == 0
    assert feeds.look(132) == 0


def test_signing_in_takes_longer_than_a_break() -> None:
    feeds = Feeds()
    assert feeds.turns.wanted(9) == 1
    assert feeds.turns.wanted(10) == 2


def test_one_that_flaps_is_left_though_it_is_up_and_waited_for_longer_each_time() -> None:
    feeds = Feeds()
    feeds.lamp(0, UP, 0)
    for second in range(1, 4):
        feeds.lamp(0, DOWN, second)
        feeds.lamp(0, UP, second + 0.5)
    feeds.look(4)
    feeds.lamp(1, UP, 5)
    assert feeds.look(5) == 1
    assert feeds.look(5.5) == 1
    assert feeds.look(34) == 0  # up since 3.5
    assert feeds.look(34.5) == 0
    back = [34.0]
    for _ in range(6):
        at = back[-1] + 1
        feeds.lamp(0, DOWN, at)
        assert feeds.look(at + 2) == 1
        feeds.lamp(0, UP, at + 2)
        now = at + 2
        while feeds.look(now) == 1:
            now += 1
        back.append(now)
    waits = [round(b - a) for a, b in pairwise(back)]
    assert waits == [63, 123, 243, 483, 603, 603]


def test_with_nobody_else_up_a_bad_one_is_better_than_none() -> None:
    feeds = Feeds()
    feeds.lamp(0, UP, 0)
    for second in range(1, 4):
        feeds.lamp(0, DOWN, second)
        feeds.lamp(0, UP, second + 0.5)
    assert feeds.look(4) == 0


def test_one_that_has_ended_is_passed_over_at_once() -> None:
    feeds = Feeds(3)
    feeds.standings[0].ends()
    feeds.look(0.1)
    feeds.standings[1].ends()
    feeds.look(0.2)
    feeds.lamp(2, UP, 1)
    assert feeds.look(1) == 2
    assert feeds.look(10_000) == 2


def test_to_be_sent_to_rest_is_no_fall() -> None:
    feeds = Feeds()
    for second in range(5):
        feeds.standings[1].begins(second)
        feeds.lamp(1, UP, second)
        feeds.standings[1].rests()
        feeds.lamp(1, Health.ENDED, second)
    assert not feeds.standings[1].flaps(5)
