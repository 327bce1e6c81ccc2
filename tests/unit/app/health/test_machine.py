"""Room on the disk, now and soon."""

from __future__ import annotations

from pathlib import Path

import pytest

from cockpit.app.health.machine import FULL_BYTES, LOW_BYTES, Disk
from cockpit.kernel.clock import SECOND
from cockpit.ports.health import Check, CheckState

OK, WARNING, FAILED, _ = CheckState
GB = 1_000_000_000


class Machine:
    """A disk whose room and time are set by hand."""

    def __init__(self, folder: Path, free: int) -> None:
        self.free, self.now = free, 0
        self.disk = Disk(folder, lambda: self.now, lambda _folder: self.free)

    def after(self, minutes: float, free: int) -> Check:
        self.now += round(minutes * 60 * SECOND)
        self.free = free
        return self.disk.check()


@pytest.mark.parametrize(
    ("free", "state"),
    [(20 * GB, OK), (LOW_BYTES, OK), (LOW_BYTES - 1, WARNING), (FULL_BYTES - 1, FAILED)],
)
def test_room_now(tmp_path: Path, free: int, state: CheckState) -> None:
    found = Machine(tmp_path, free).disk.check()
    assert found.state is state
    assert found.hinders is (state is FAILED)
    assert bool(found.next_step) is (state is not OK)


def test_a_folder_to_be_is_judged_by_the_one_above(tmp_path: Path) -> None:
    asked: list[Path] = []

    def free(folder: Path) -> int:
        asked.append(folder)
        return 20 * GB

    assert Disk(tmp_path / "a" / "b", lambda: 0, free).check().state is OK
    assert asked == [tmp_path]


def test_room_that_goes_is_told_before_it_is_gone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 20 * GB)
    assert machine.disk.check().found == "20.0 GB free"
    assert "full in" not in machine.after(5, 19 * GB).found  # too early to tell
    found = machine.after(55, 18 * GB)
    assert found.state is WARNING
    assert found.found == "18.0 GB free, 2,000 MB an hour less: full in 9 h"
    assert not found.hinders


def test_a_slow_growth_is_no_reason_to_worry(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 20 * GB)
    machine.disk.check()
    found = machine.after(60, 20 * GB - 10_000_000)
    assert found.state is OK
    assert found.found.endswith("full in 83 days")


def test_room_that_was_made_ends_the_forecast(tmp_path: Path) -> None:
    machine = Machine(tmp_path, 10 * GB)
    machine.disk.check()
    assert machine.after(60, 30 * GB).found == "30.0 GB free"
