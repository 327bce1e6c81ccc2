"""Many simulations on all processors, told in their order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace

from cockpit.adapters.faults import FaultKind
from cockpit.adapters.storage.inline import template
from cockpit.app.simulation.scenario import Crash, Scenario, Since, scenario_of
from cockpit.app.simulation.simulation import Outcome, run_scenario
from cockpit.kernel import log

Faults = frozenset[FaultKind]
CHUNK = 20
POLITE = 10
_image = b""
_stack = ExitStack()


def run_seeds(seeds: Sequence[int], kinds: Faults, jobs: int) -> Generator[Outcome]:
    """Simulate `seeds`; see `run_all`."""
    yield from run_all((scenario_of(seed, kinds) for seed in seeds), min(jobs, len(seeds)))


def run_all(scenarios: Iterable[Scenario], jobs: int) -> Generator[Outcome]:
    """Simulate each in one of `jobs` processes; outcomes come in the scenarios' order.

    Close it to stop early.
    """
    image = template()
    if jobs == 1:
        with log.silenced():
            for scenario in scenarios:
                yield run_scenario(scenario, image)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _begin, (image,)) as pool:
        yield from pool.imap(_simulate, scenarios, CHUNK)


def replay(seed: int, kinds: Faults) -> Outcome:
    """Simulate one seed with its full trace."""
    with log.silenced():
        return run_scenario(scenario_of(seed, kinds), template(), trace=True)


def dying_everywhere(seed: int, kinds: Faults, *, every: int = 1) -> list[Scenario]:
    """One seed again and again, each time dying at the next step of its loop, or each `every`th."""
    scenario = replace(scenario_of(seed, kinds - {FaultKind.CRASH}), crashes=())
    [whole] = run_all([scenario], 1)
    steps = range(1, whole.steps, every)
    return [scenario, *(dying_at(scenario, step) for step in steps)]


def dying_at(scenario: Scenario, step: int) -> Scenario:
    """The scenario with one crash: after step number `step` of the first life."""
    return replace(scenario, crashes=(Crash(Since.START, 1, step),))


def chosen_faults(text: str) -> Faults:
    """The kinds that `all`, `none` or a list of names stands for. Raises ValueError."""
    if text == "all":
        return frozenset(FaultKind)
    if text == "none":
        return frozenset()
    return frozenset(FaultKind(name.strip()) for name in text.split(","))


def _begin(image: bytes) -> None:
    """In a worker: be polite, be quiet, and leave the keyboard to the parent."""
    global _image  # noqa: PLW0603 -- a worker's own, set once before its first seed
    _image = image
    with suppress(OSError, AttributeError):
        os.nice(POLITE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stack.enter_context(log.silenced())


def _simulate(scenario: Scenario) -> Outcome:
    return run_scenario(scenario, _image)
