"""The budget holds whatever happens: asks, restarts, sleeps, and a clock that is set."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.kernel.clock import SECOND
from cockpit.market.router.budget import (
    LATE_NS,
    Moment,
    Purpose,
    Verdict,
    day_of,
    heard,
    held,
    left,
    moved,
    take,
)
from cockpit.ports.research import Spent
from cockpit.ports.source import Budget, Span

NOON = 1_710_176_400 * SECOND
RESERVE = 0.2
Event = tuple[str, Purpose, float, float]


@dataclass
class World:
    """True time, what the machine makes of it, and when the vendor counted requests."""

    budget: Budget
    true_ns: int = 0
    asleep_ns: int = 0
    booted_ns: int = -5 * SECOND
    stepped_ns: int = 0
    spent: Spent = field(default_factory=Spent)
    arrivals: list[int] = field(default_factory=list)
    by_day: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> Moment:
        return Moment(
            NOON + self.true_ns + self.stepped_ns, self.true_ns - self.asleep_ns - self.booted_ns
        )

    def pass_s(self, seconds: float) -> None:
        self.true_ns += round(seconds * SECOND)

    def sleep_s(self, seconds: float) -> None:
        self.pass_s(seconds)
        self.asleep_ns += round(seconds * SECOND)

    def reboot(self, seconds: float) -> None:
        self.pass_s(seconds)
        self.booted_ns, self.asleep_ns = self.true_ns, 0

    def ask(self, purpose: Purpose, takes_s: float, counted_after: float) -> Verdict:
        """One request, which the vendor counts at some moment between its start and its end."""
        self.spent, verdict = take(
            self.spent, self.budget, self.now, reserve=RESERVE, purpose=purpose
        )
        if verdict.allowed:
            day = day_of(self.budget, self.now.now_ns)
            self.arrivals.append(self.true_ns + round(takes_s * counted_after * SECOND))
            self.by_day[day] += 1
            self.pass_s(takes_s)
            if takes_s > LATE_NS / SECOND:
                self.spent = moved(self.spent, verdict.stamp, self.now)
        return verdict

    def most_within(self, length_s: float) -> int:
        seen = sorted(self.arrivals)
        ends = (bisect_left(seen, at + round(length_s * SECOND)) for at in seen)
        return max((end - start for start, end in enumerate(ends)), default=0)


BUDGETS = st.builds(
    Budget,
    per_second=st.sampled_from([0, 1, 3]),
    per_minute=st.sampled_from([0, 1, 5, 8]),
    per_day=st.sampled_from([0, 1, 4, 25]),
    day_zone=st.sampled_from(["America/New_York", "UTC"]),
)
EVENTS = ("ask", "ask", "ask", "ask", "pass", "pass", "sleep", "reboot", "step", "step back")


def lives(budget: Budget, lengths: list[float]) -> st.SearchStrategy[tuple[Budget, list[Event]]]:
    """Events around the lengths that matter to one limit."""
    event = st.tuples(
        st.sampled_from(EVENTS),
        st.sampled_from(Purpose),
        st.sampled_from(lengths),
        st.sampled_from([0.0, 1.0]),
    )
    return st.tuples(st.just(budget), st.lists(event, min_size=5, max_size=30))


LIVES = st.one_of(
    lives(Budget(per_second=1), [0.0, 0.2, 0.4, 0.9, 1.0]),
    lives(Budget(per_second=3, per_minute=5), [0.0, 0.3, 0.9, 20.0]),
    lives(Budget(per_minute=2), [0.0, 0.9, 9.0, 30.0, 51.0, 60.0]),
    lives(Budget(per_day=3), [0.0, 3_600.0, 40_000.0, 90_000.0]),
    lives(Budget(per_minute=2, per_day=5, day_zone="UTC"), [0.0, 61.0, 40_000.0]),
)


@settings(max_examples=300)
@given(LIVES)
def test_no_sequence_of_events_lets_more_out_than_the_plan_allows(
    life: tuple[Budget, list[Event]],
) -> None:
    budget, events = life
    world = World(budget)
    for what, purpose, seconds, counted in events:
        match what:
            case "ask":
                world.ask(purpose, min(seconds, 50.0), counted)
            case "pass":
                world.pass_s(seconds)
            case "sleep":
                world.sleep_s(seconds)
            case "reboot":
                world.reboot(seconds)
            case "step" | "step back":
                world.stepped_ns += round(seconds * SECOND) * (1 if what == "step" else -1)
            case _:
                raise AssertionError(what)
    assert not budget.per_second or world.most_within(1.0) <= budget.per_second
    assert not budget.per_minute or world.most_within(60.0) <= budget.per_minute
    assert not budget.per_day or max(world.by_day.values(), default=0) <= budget.per_day


@settings(max_examples=40)
@given(BUDGETS)
def test_all_of_a_budget_can_be_used(budget: Budget) -> None:
    """The screen gets every request of a minute that the plan has."""
    world = World(budget)
    allowed = 0
    for _ in range(60):
        verdict = world.ask(Purpose.SCREEN, 0.0, 0.0)
        allowed += verdict.allowed
        world.pass_s(1.3)
    expected = min(most for most in (budget.per_minute, budget.per_day, 45) if most)
    assert allowed >= expected


def test_the_rest_leaves_a_part_to_the_screen() -> None:
    world = World(Budget(per_minute=5, per_day=25))
    in_background = sum(world.ask(Purpose.BACKGROUND, 0, 0).allowed for _ in range(9))
    on_screen = sum(world.ask(Purpose.SCREEN, 0, 0).allowed for _ in range(9))
    assert (in_background, on_screen) == (4, 1)


def test_a_refusal_says_when_it_makes_sense_to_ask() -> None:
    world = World(Budget(per_minute=2))
    world.ask(Purpose.SCREEN, 0, 0)
    world.pass_s(10)
    world.ask(Purpose.SCREEN, 0, 0)
    refusal = world.ask(Purpose.SCREEN, 0, 0)
    assert not refusal.allowed
    assert "2 requests a minute" in refusal.why
    world.pass_s(refusal.wait_s - 0.001)
    assert not world.ask(Purpose.SCREEN, 0, 0).allowed
    world.pass_s(0.001)
    assert world.ask(Purpose.SCREEN, 0, 0).allowed


def test_a_day_begins_at_midnight_of_the_vendor() -> None:
    world = World(Budget(per_day=1, day_zone="America/New_York"))
    assert world.ask(Purpose.SCREEN, 0, 0).allowed
    refusal = world.ask(Purpose.SCREEN, 0, 0)
    assert refusal.wait_s == 11 * 3_600
    world.pass_s(11 * 3_600)
    assert world.ask(Purpose.SCREEN, 0, 0).allowed


@pytest.mark.parametrize(
    ("span", "retry_after_s", "waits_s"),
    [
        (Span.SECOND, None, 1),
        (Span.MINUTE, None, 60),
        (None, None, 30),
        (None, 7.0, 7),
        (Span.DAY, None, 11 * 3_600),
        (None, float("nan"), 30),
        (None, -5.0, 30),
        (None, 1e12, 86_400),
    ],
)
def test_the_vendors_word_holds_everything_back(
    span: Span | None, retry_after_s: float | None, waits_s: float
) -> None:
    world = World(Budget(per_minute=5))
    world.spent = held(
        world.spent, world.budget, world.now, span=span, retry_after_s=retry_after_s, why="busy"
    )
    refusal = world.ask(Purpose.SCREEN, 0, 0)
    assert (refusal.allowed, refusal.wait_s, refusal.why) == (False, waits_s, "busy")
    world.pass_s(waits_s)
    assert world.ask(Purpose.SCREEN, 0, 0).allowed


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    world = World(Budget())
    for seconds in (100.0, 1.0):
        world.spent = held(
            world.spent, world.budget, world.now, span=None, retry_after_s=seconds, why="busy"
        )
    world.pass_s(50)
    assert not world.ask(Purpose.SCREEN, 0, 0).allowed


@pytest.mark.parametrize("span", [Span.MINUTE, Span.DAY])
def test_the_vendors_count_is_believed_where_it_is_less(span: Span) -> None:
    world = World(Budget(per_minute=10, per_day=10))

    def hear(count: int) -> None:
        world.spent = heard(
            world.spent, world.budget, world.now, span=span, left=count, resets_in_s=None
        )

    hear(3)
    hear(8)  # it knows less than we do: another answer was on its way
    assert sum(world.ask(Purpose.SCREEN, 0, 0).allowed for _ in range(9)) == 3


def test_a_limit_that_we_did_not_know_of_holds_back_when_it_is_used_up() -> None:
    world = World(Budget())
    world.spent = heard(
        world.spent, world.budget, world.now, span=Span.MINUTE, left=0, resets_in_s=12.0
    )
    assert world.ask(Purpose.SCREEN, 0, 0).wait_s == 12.0


def test_what_is_left_can_be_told() -> None:
    world = World(Budget(per_minute=5))
    world.ask(Purpose.SCREEN, 0, 0)
    assert left(world.spent, world.budget, world.now) == {
        Span.SECOND: (1, 0),
        Span.MINUTE: (1, 5),
        Span.DAY: (1, 0),
    }


def test_a_machine_that_starts_anew_is_not_held_back_for_ever() -> None:
    world = World(Budget(per_minute=1), booted_ns=-1_000_000 * SECOND)
    assert world.ask(Purpose.SCREEN, 0, 0).allowed
    world.reboot(30)
    assert not world.ask(Purpose.SCREEN, 0, 0).allowed
    world.pass_s(60.25)
    assert world.ask(Purpose.SCREEN, 0, 0).allowed


def test_a_clock_that_ran_ahead_and_came_back_gives_no_second_day() -> None:
    world = World(Budget(per_day=1))
    assert world.ask(Purpose.SCREEN, 0, 0).allowed
    for step in (90_000, -90_000):
        world.stepped_ns += step * SECOND
        world.ask(Purpose.SCREEN, 0, 0)
    assert not world.ask(Purpose.SCREEN, 0, 0).allowed
