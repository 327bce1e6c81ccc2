import importlib
import re
import tomllib
from functools import reduce

import pytest

from cockpit.domain import events
from cockpit.kernel import watchdog
from cockpit.ui import bridge
from tests.unit.docs.pages import ROOT, page, rows, section

PAGE = page("docs/architecture.md")
STORIES = ("## How a quote travels", "## How an order travels, there and back")
STEPS = [
    row
    for story in STORIES
    for table in re.findall(r"^(?:\|.*\|\n)+", section(PAGE, story), re.MULTILINE)
    for row in rows(table)
]
HOUSE = rows(section(PAGE, "## The house"))


@pytest.mark.parametrize("step", STEPS, ids=lambda row: f"{row[1]}:{row[2]}")
def test_each_step_points_at_real_code(step: list[str]) -> None:
    _, file, name, _ = step
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    found = reduce(getattr, name.split("."), module)
    assert found.__module__ == module.__name__  # where it is written, not where it is passed on


def test_steps_are_counted_on() -> None:
    quote = [int(row[0]) for row in rows(section(PAGE, STORIES[0]))]
    assert quote == list(range(1, len(quote) + 1))
    order = [int(row[0]) for row in STEPS[len(quote) :]]
    assert order == list(range(1, len(order) + 1))


def test_the_house_has_these_rooms() -> None:
    told = {room.strip("/") for _, room, _ in HOUSE}
    there = {path.parent.name for path in (ROOT / "cockpit").glob("*/__init__.py")}
    assert told == there


def test_the_floors_are_those_of_the_contract() -> None:
    config = tomllib.loads(page("pyproject.toml"))
    contracts = config["tool"]["importlinter"]["contracts"]
    layers = next(c for c in contracts if c["id"] == "floors")["layers"]
    floors: dict[str, set[str]] = {}
    for floor, room, _ in HOUSE:
        floors.setdefault(floor, set()).add(room.strip("/"))
    assert list(floors.values()) == [set(re.findall(r"\w+", layer)) for layer in layers]


def test_every_path_and_event_named_is_there() -> None:
    named = set(re.findall(r"`(cockpit/[\w/.]+)`", PAGE))
    assert len(named) >= 20
    assert all((ROOT / name).exists() for name in named)
    told = set(re.findall(r"`([A-Z]\w+(?:Changed|Booked|Closed))`", PAGE))
    assert {"OrderChanged", "FillBooked", "PositionChanged", "TradeClosed"} <= told
    assert all(hasattr(events, name) for name in told)


def test_figures_are_those_of_the_code() -> None:
    assert f"at most every {bridge.FRAME_MS} ms" in PAGE
    assert f"late by {watchdog.LAG_NS // 1_000_000} ms" in PAGE
