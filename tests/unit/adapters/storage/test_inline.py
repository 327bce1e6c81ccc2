import sys

import pytest

from cockpit.adapters.faults import FaultKind, Plan
from cockpit.adapters.storage.inline import InlineWriter, MemoryDatabase, simulated_store, template
from cockpit.kernel.chance import chance
from cockpit.kernel.clock import SECOND
from cockpit.kernel.stepped import SteppedLoop, Timeline
from cockpit.ports.store import StoreError


class Disk:
    """A disk, and the process that writes to it."""

    def __init__(self, image: bytes) -> None:
        self.timeline = Timeline(0)
        self.database = MemoryDatabase(image)
        self.plan = Plan(FaultKind, chance("test"))
        self.acked: list[int] = []
        self.start()

    def start(self) -> None:
        self.loop = SteppedLoop(self.timeline, pytest.fail)
        self.writer = InlineWriter(
            self.database,
            loop=self.loop,
            plan=self.plan,
            chance=chance("test"),
            now_ns=lambda: self.timeline.now_ns,
            on_durable=lambda: None,
        )
        self.store = simulated_store(self.writer)

    def begin(self, number: int, answers: list[object]) -> None:
        async def body() -> None:
            try:
                await self.store.record("test", "SIM-1", number, {"number": number})
                answers.append(number)
            except StoreError as error:
                answers.append(error)

        with self.loop.entered():
            self.loop.create_task(body())

    def run(self, seconds: float) -> None:
        until = self.timeline.now_ns + round(seconds * SECOND)
        self.loop.stop_at = sys.maxsize
        while True:
            self.timeline.woken = False
            self.loop.run()
            if not self.timeline.advance(until):
                return

    def rows(self) -> list[int]:
        return [row.ts_ns for row in self.database.audit()]


@pytest.fixture(scope="module")
def image() -> bytes:
    return template()


@pytest.fixture
def disk(image):
    disk = Disk(image)
    yield disk
    disk.database.discard()


def test_real_rows_in_a_copy_of_their_own(disk, image) -> None:
    answers: list[object] = []
    disk.begin(1, answers)
    disk.begin(2, answers)
    disk.run(1)
    assert answers == [1, 2]
    assert disk.rows() == [1, 2]
    assert disk.database.checked().rows == 2
    other = MemoryDatabase(image)
    assert other.audit() == []
    other.discard()


def test_a_crash_at_every_step_keeps_what_was_acknowledged(image) -> None:
    kept = set()
    for step in range(1, 8):
        disk, answers = Disk(image), []
        disk.begin(1, answers)
        disk.loop.stop_at = step
        disk.loop.run()
        disk.writer.cut()
        disk.loop.abandon()
        assert disk.rows() == [1] or not answers
        kept.add(bool(disk.rows()))
        disk.start()
        disk.begin(2, answers)
        disk.run(1)
        assert disk.rows()[-1] == 2
        assert not disk.database.checked().fault
        disk.database.discard()
    assert kept == {True, False}


@pytest.mark.parametrize(
    ("kind", "seconds", "words"),
    [(FaultKind.STORE_FULL, 1, "full"), (FaultKind.STORE_LOCKED, 6, "in use by another")],
)
def test_a_refusal_reads_as_on_a_real_disk(disk, kind, seconds, words) -> None:
    answers: list[object] = []
    disk.plan.begin(kind, 1 * SECOND)
    disk.begin(1, answers)
    disk.run(seconds)
    [error] = answers
    assert isinstance(error, StoreError)
    assert words in error.user_text
    disk.begin(2, answers)
    disk.run(1)
    assert disk.rows() == [2]


def test_a_slow_disk_answers_late(disk) -> None:
    answers: list[object] = []
    disk.plan.begin(FaultKind.STORE_SLOW, 1 * SECOND)
    disk.begin(1, answers)
    disk.run(0.01)
    assert not answers
    disk.run(5)
    assert answers == [1]
