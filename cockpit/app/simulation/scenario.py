"""What a seed stands for: which faults, how long, how much is done, where the program dies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from cockpit.adapters.faults import FaultKind
from cockpit.kernel.chance import Chance, chance

SYMBOLS = ("AAA", "BBB", "CCC")


class Since(StrEnum):
    """What a crash is counted from."""

    START = "start"
    ACT = "act"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Crash:
    """Die `steps` of the loop after the `number`th time of `since` in this life."""

    since: Since
    number: int
    steps: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """One day's trouble. `crashes` has one for each life but the last."""

    seed: int
    kinds: tuple[FaultKind, ...]
    minutes: int
    actions: int
    symbols: tuple[str, ...]
    crashes: tuple[Crash, ...] = ()


def scenario_of(seed: int, allowed: Collection[FaultKind]) -> Scenario:
    """Draw the scenario; low seeds are short and simple, high ones have more of everything."""
    dice = chance(seed, "scenario")
    level = 1 + seed.bit_length() // 3
    choices = sorted(allowed)
    count = min(len(choices), dice.randint(1, level + 2))
    kinds = tuple(sorted(dice.sample(choices, count)))
    crashes = dice.randint(1, level) if FaultKind.CRASH in kinds else 0
    return Scenario(
        seed=seed,
        kinds=kinds,
        minutes=dice.randint(8, 12 + 2 * level),
        actions=dice.randint(10, 20 + 7 * level),
        symbols=SYMBOLS[: dice.randint(1, len(SYMBOLS))],
        crashes=tuple(_crash(dice) for _ in range(crashes)),
    )


def _crash(dice: Chance) -> Crash:
    """Anywhere, but most of all where something is under way."""
    since = dice.choice(tuple(Since))
    if since is Since.START:
        return Crash(since, 1, round(2 ** dice.uniform(2, 11)))
    longest = 25 if since is Since.SEND else 60
    return Crash(since, dice.randint(1, 4), dice.randint(1, longest))
