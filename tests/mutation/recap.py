"""Spoils clean recaps of seeded days in every way a number can be wrong, and counts what is caught.

    python tests/mutation/recap.py             1,000 cases a class; writes docs/recap-mutants.md
    python tests/mutation/recap.py --cases N   N cases a class, writes nothing

Exit code 1 when a lie passes, or when clean text is refused more often than once in a hundred.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cockpit.domain.fact import Fact  # noqa: E402 -- the path above finds it
from cockpit.ports.writer import Draft  # noqa: E402 -- as above
from cockpit.recap.check import faults, faults_in  # noqa: E402 -- as above
from tests.mutation.recap_lies import LIES, Clean  # noqa: E402 -- as above
from tests.support.recap_prose import clean_draft, day_of, shipped_draft  # noqa: E402 -- as above

PAGE = ROOT / "docs" / "recap-mutants.md"
DAYS = 250
WORKERS = 4


class Outcome(NamedTuple):
    """One class of wrong number: cases, those that were refused, and the first that was not."""

    name: str
    cases: int
    caught: int
    passed: str


def days() -> list[dict[str, Fact]]:
    """Seeded days, the same each time."""
    return [day_of(Random(seed)) for seed in range(DAYS)]


def outcome(
    name: str, lie: Callable[[Clean], str | None], made: list[dict[str, Fact]], cases: int
) -> Outcome:
    """Cases of one class. A page that is clean without the lie, and only such, takes part."""
    done = caught = seed = 0
    passed = ""
    while done < cases:
        chance = Random(f"{name}-{seed}")
        facts = made[seed % len(made)]
        seed += 1
        draft = (clean_draft if seed % 2 else shipped_draft)(facts, chance)
        body = lie(Clean(facts, draft.body, chance))
        if body is None:
            if seed > cases * 40:
                raise SystemExit(f"{name}: no page can be spoilt so")
            continue
        done += 1
        if next(faults(Draft(title=draft.title, body=body, writer="lie"), facts), None):
            caught += 1
        elif not passed:
            passed = body
    return Outcome(name, done, caught, passed)


def false_alarms(made: list[dict[str, Fact]], cases: int) -> Mapping[str, tuple[int, list[str]]]:
    """How often clean text is refused, by where it is from, with the reasons."""
    found: dict[str, tuple[int, list[str]]] = {}
    for name, writer in (("prose of its own", clean_draft), ("blocks that ship", shipped_draft)):
        reasons: list[str] = []
        for seed in range(cases):
            facts = made[seed % len(made)]
            if faults := faults_in(writer(facts, Random(f"clean-{seed}")), facts):
                reasons.append(faults[0].text)
        found[name] = (cases, reasons)
    return found


def page(outcomes: list[Outcome], alarms: Mapping[str, tuple[int, list[str]]]) -> str:
    """The table of the docs."""
    rows = "\n".join(f"| {o.name} | {o.cases:,} | {o.caught:,} |" for o in outcomes)
    clean = "\n".join(f"| {name} | {n:,} | {len(why):,} |" for name, (n, why) in alarms.items())
    total, caught = sum(o.cases for o in outcomes), sum(o.caught for o in outcomes)
    return f"""# Mutants of recaps

Made by `python tests/mutation/recap.py`: clean recaps of {DAYS} seeded days, each spoilt in one way
in which a number can be wrong. Caught means that the [checks](recaps.md#what-is-checked) refuse the
page, so that it is never filled.

{total:,} lies, {caught:,} caught.

| wrong number | cases | caught |
|---|---:|---:|
{rows}

## Clean text

Half of the clean pages are picked from the blocks that ship, half are put together from lines that
were written for this measurement by the rules that a writer is given, in
`tests/support/recap_prose.py`. A model that breaks the rules is refused more often: it should be.

| clean text | pages | refused |
|---|---:|---:|
{clean}
"""


def _outcome(made: list[dict[str, Fact]], cases: int, name: str) -> Outcome:
    return outcome(name, LIES[name], made, cases)


def main() -> int:
    """Measure, say what passed, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=0)
    wanted = parser.parse_args().cases
    made = days()
    with ProcessPoolExecutor(WORKERS) as pool:
        clean = pool.submit(false_alarms, made, wanted or 1_000)
        outcomes = list(pool.map(partial(_outcome, made, wanted or 1_000), LIES))
        alarms = clean.result()
    for one in outcomes:
        print(f"{one.caught:5} of {one.cases:5} {one.name}")
        if one.passed:
            print(f"    passed: {one.passed!r}")
    for name, (n, reasons) in alarms.items():
        print(f"{len(reasons):5} of {n:5} refused: {name} {sorted(set(reasons))[:5]}")
    if not wanted:
        PAGE.write_text(page(outcomes, alarms), encoding="utf-8", newline="\n")
    bad = any(one.passed for one in outcomes)
    loud = any(len(reasons) * 100 >= n for n, reasons in alarms.values())
    return 1 if bad or loud else 0


if __name__ == "__main__":
    sys.exit(main())
