"""Who halts and who resumes, in any order, over a ledger that is slow and refuses at times."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from structlog.testing import capture_logs

from cockpit.domain.events import TradingStateChanged
from cockpit.domain.limits import TradingState
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock, Work
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.store import StoreError
from cockpit.trading.state import TradingSwitch
from cockpit.trading.state_log import PATIENCE_NS, KeptState, StateLog
from tests.stateful.profile import looking

pytestmark = pytest.mark.timeout(400)  # a finding takes its time to be made short
STRICT = [TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED]
TURNS = 12


class LooseClock(VirtualClock):
    """Time may move on while work waits for the ledger."""

    def begin_work(self) -> Work:
        return Work(None)


class HeldLedger:
    """Each write waits until it is answered; one that nobody waits for any more is done too."""

    def __init__(self) -> None:
        self.rows: list[KeptState] = []
        self.asked: list[asyncio.Future[bool]] = []

    async def record(self, _kind: str, _account: str, _ts: int, payload: KeptState) -> None:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.asked.append(answer)
        try:
            stored = await answer
        except asyncio.CancelledError:
            self.asked.remove(answer)
            self.rows.append(payload)
            raise
        if not stored:
            raise StoreError("disk full", user_text="The disk is full.")
        self.rows.append(payload)

    async def newest_record(self, _kind: str, _account: str) -> str | None:
        return msgspec.json.encode(self.rows[-1]).decode() if self.rows else None


@dataclass
class Resuming:
    """A person's resume under way: how often trading had been tightened when it began."""

    task: asyncio.Task[bool]
    tightened: int


class Latch(RuleBasedStateMachine):
    """`wanted` is the strictest state since the last resume that held."""

    @initialize()
    def open(self):
        self.loop, self.clock = asyncio.new_event_loop(), LooseClock(SECOND)
        self.supervisor, self.ledger = Supervisor(self.clock), HeldLedger()
        self.wanted, self.tightened = TradingState.ACTIVE, 0
        self.resuming: list[Resuming] = []
        self.began: list[tuple[int, TradingState]] = []
        self._make()

    def _make(self) -> None:
        self.told: list[TradingStateChanged] = []
        self.latched: list[TradingState] = []
        self.began.clear()
        bus = Bus()
        bus.subscribe(TradingStateChanged, self.told.append)
        log = StateLog(self.ledger, self.clock, self.supervisor, "LIVE-1")  # type: ignore[arg-type]
        self.switch = TradingSwitch(bus, self.clock, log)
        self.switch.on_latch(self.latched.append)

    @rule(state=st.sampled_from(STRICT[1:]))
    def tighten(self, state):
        before, under_way = self.switch.state, bool(self._under_way())
        changed = self._now(lambda: self.switch.tighten(state, f"no {self.tightened}"))
        stricter = STRICT.index(state) > STRICT.index(before)
        assert changed == (stricter or under_way)
        self.tightened += changed
        self.wanted = max(self.wanted, state, key=STRICT.index)
        assert self.switch.state is self.wanted
        if changed:
            assert self.latched[-1] is self.wanted
            self.began.append((self.clock.now_ns(), self.wanted))
        self._turn()

    @rule()
    def resume(self):
        async def begin() -> None:
            task = asyncio.ensure_future(self.switch.resume("yes"))
            self.resuming.append(Resuming(task, self.tightened))

        self.loop.run_until_complete(begin())
        self._turn()

    @precondition(lambda self: self.resuming)
    @rule()
    def resume_is_called_off(self):
        """What holds is written and told again: the ledger may have the resume all the same."""
        if self._under_way():
            self.began.append((self.clock.now_ns(), self.wanted))
        self.resuming[-1].task.cancel()
        self._turn()

    @precondition(lambda self: self.ledger.asked)
    @rule(stored=st.booleans())
    def ledger_answers(self, stored):
        self._answer(stored)

    @rule(seconds=st.sampled_from([0.01, 0.06, 1.1]))
    def time_passes(self, seconds):
        self._pass(seconds)

    @rule()
    def the_program_starts_anew(self):
        self._let_it_end()
        self._make()
        left = self.loop.run_until_complete(self.switch.take_over())
        assert left == (self.wanted is not TradingState.ACTIVE)
        assert self.latched == ([self.wanted] if left else [])
        assert [event.state for event in self.told] == self.latched
        self.told.clear()

    @invariant()
    def as_strict_as_wanted(self):
        if hasattr(self, "switch"):
            assert self.switch.state is self.wanted

    @invariant()
    def told_once_and_in_time(self):
        if not hasattr(self, "switch"):
            return
        due = [state for at, state in self.began if self.clock.now_ns() - at > PATIENCE_NS]
        told = [event.state for event in self.told if event.state is not TradingState.ACTIVE]
        assert told[: len(due)] == due
        assert len(told) <= len(self.began)

    def teardown(self):
        if not hasattr(self, "loop"):
            return
        try:
            if sys.exc_info()[0] is None:
                self._let_it_end()
        finally:
            self.loop.run_until_complete(self._stop())
            self.loop.close()

    async def _stop(self) -> None:
        for each in self.resuming:
            each.task.cancel()
        await asyncio.gather(*(each.task for each in self.resuming), return_exceptions=True)
        await self.supervisor.stop()

    def _let_it_end(self) -> None:
        """The ledger answers everything: then it says what holds, and so does who was told."""
        while self.ledger.asked:
            self._answer(stored=True)
        self._pass(2.0)
        while self.ledger.asked:
            self._answer(stored=True)
        if self.ledger.rows:
            assert self.ledger.rows[-1].state is self.wanted
        if self.told:
            assert self.told[-1].state is self.wanted

    def _answer(self, stored: bool) -> None:
        self.ledger.asked.pop(0).set_result(stored)
        self._turn()

    def _pass(self, seconds: float) -> None:
        def move() -> None:
            assert self.clock.advance_to(self.clock.now_ns() + round(seconds * SECOND))

        self._now(move)
        self._turn()

    def _now(self, act):
        async def body():
            return act()

        return self.loop.run_until_complete(body())

    def _under_way(self) -> list[Resuming]:
        return [each for each in self.resuming if self.switch._resuming and not each.task.done()]

    def _turn(self) -> None:
        """Let everything run that can, and see which resumes held."""

        async def turns() -> None:
            for _ in range(TURNS):
                await asyncio.sleep(0)

        with capture_logs():
            self.loop.run_until_complete(turns())
        for each in [each for each in self.resuming if each.task.done()]:
            self.resuming.remove(each)
            if each.task.cancelled() or each.task.exception() is not None:
                continue
            if each.task.result():
                assert each.tightened == self.tightened
                self.wanted = TradingState.ACTIVE


Latch.TestCase.settings = looking(examples=150, steps=30)
TestLatch = Latch.TestCase
