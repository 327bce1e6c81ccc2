import os
import subprocess
import sys
from dataclasses import replace

import pytest

from cockpit.adapters.faults import FAULTS, FaultKind
from cockpit.adapters.storage.inline import template
from cockpit.app.simulation.invariants import INVARIANTS
from cockpit.app.simulation.runner import (
    chosen_faults,
    dying_at,
    dying_everywhere,
    run_all,
    run_seeds,
)
from cockpit.app.simulation.scenario import scenario_of
from cockpit.app.simulation.simulation import run_scenario
from cockpit.kernel import log

ALL = frozenset(FaultKind)
TRACE = """
import hashlib
from cockpit.app.simulation.runner import chosen_faults, replay
lines = [line for seed in (40, 1500) for line in replay(seed, chosen_faults("all")).trace]
print(hashlib.sha256("\\n".join(lines).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def image() -> bytes:
    return template()


@pytest.fixture(autouse=True)
def quiet():
    with log.silenced():
        yield


def held(outcomes) -> None:
    failed = [f"seed {o.seed} {o.invariant}: {o.text}" for o in outcomes if not o.passed]
    assert not failed, "\n".join(failed)


def test_a_day_without_faults_holds() -> None:
    outcomes = list(run_seeds(range(20), frozenset(), 1))
    held(outcomes)
    assert sum(o.sends for o in outcomes) > 20


def test_each_fault_alone_holds(image) -> None:
    for kind in FaultKind:
        held([run_scenario(scenario_of(3000, {kind}), image)])


def test_all_faults_hold() -> None:
    outcomes = list(run_seeds(range(52_000, 52_060), ALL, 1))
    held(outcomes)
    assert {kind for o in outcomes for kind in o.kinds} == {kind.value for kind in FaultKind}
    assert sum(o.lives - 1 for o in outcomes) > 30


def test_one_seed_is_one_day_whatever_the_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", TRACE],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_a_crash_at_every_step_of_a_small_day(image) -> None:
    small = replace(
        scenario_of(1, {FaultKind.LOST_RESPONSE}), minutes=2, actions=5, symbols=("AAA",)
    )
    whole = run_scenario(small, image)
    held([whole])
    assert whole.sends
    outcomes = [run_scenario(dying_at(small, step), image) for step in range(1, whole.steps)]
    held(outcomes)
    assert len(outcomes) > 300


def test_workers_tell_in_order() -> None:
    outcomes = list(run_seeds(range(25), ALL, 2))
    assert [o.seed for o in outcomes] == list(range(25))
    assert outcomes == list(run_seeds(range(25), ALL, 1))


def test_dying_everywhere_is_every_step_once() -> None:
    scenarios = dying_everywhere(0, ALL, every=50)
    assert [[c.steps for c in s.crashes] for s in scenarios[:3]] == [[], [1], [51]]
    held(run_all(scenarios[:3], 1))


def test_the_tables_are_whole() -> None:
    assert [fault.kind for fault in FAULTS] == list(FaultKind)
    names = [invariant.name for invariant in INVARIANTS]
    assert len(names) == len(set(names)) >= 14
    assert all(invariant.text.endswith(".") for invariant in INVARIANTS)
    assert chosen_faults("crash, bust") == {FaultKind.CRASH, FaultKind.BUST}
    with pytest.raises(ValueError, match="nonsense"):
        chosen_faults("nonsense")
