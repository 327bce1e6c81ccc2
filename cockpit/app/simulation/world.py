"""Venue, market, disk and time: what stands around the program and outlives it."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.adapters.brokers.faulty import FaultyVenue, Sent
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.adapters.faults import Plan
from cockpit.adapters.storage.inline import MemoryDatabase
from cockpit.app.simulation.market import Market
from cockpit.app.simulation.process import ACCOUNT, Process, Surroundings
from cockpit.app.simulation.scenario import Crash, Scenario, Since
from cockpit.app.simulation.trace import Trace
from cockpit.domain.account import Mode
from cockpit.domain.market import Quote, TradingStatus
from cockpit.kernel.chance import Chance, chance
from cockpit.kernel.clock import SECOND
from cockpit.kernel.stepped import Timeline
from cockpit.ports.feed import RawRow

START_NS = 1_514_903_700 * SECOND  # 2018-01-02 09:35 New York
BELL_NS = 1_514_926_800 * SECOND  # 16:00
LAST = 1 << 62
VENUE = PaperSettings()

SPINS = 20_000
"""More steps than this in one instant: the program goes round and round."""


class ViolatedError(Exception):
    """An invariant does not hold."""

    def __init__(self, invariant: str, text: str) -> None:
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant
        self.text = text


class World:
    """One seed's world. `process` is the program while it lives."""

    def __init__(self, scenario: Scenario, image: bytes, trace: Trace) -> None:
        self.scenario = scenario
        self.trace = trace
        self.timeline = Timeline(START_NS)
        self.plan = Plan(scenario.kinds, self.dice("faults"))
        self.disk = MemoryDatabase(image)
        self.venue = FaultyVenue(VENUE, ACCOUNT, Mode.LIVE, self.plan)
        self.market = Market(
            scenario.symbols,
            self.timeline,
            self.plan,
            self.dice("market"),
            to_venue=self._to_venue,
            to_feed=self._to_feed,
        )
        for instrument in self.market.instruments:
            self.venue.list_instrument(instrument)
        self.process: Process | None = None
        self.life = 0
        self.asleep = False
        self.clock_offset_ns = 0
        self.sends: list[Sent] = []
        self.told: dict[str, str] = {}
        self.given_up = False
        self.broken = ""
        self.violated: ViolatedError | None = None
        self.durable = self.disk.head()
        self.split: set[str] = set()
        self.busted_ns: dict[str, int] = {}
        self.on_sent: Callable[[Sent], None] = lambda _sent: None
        self.on_start: Callable[[Process], None] = lambda _process: None
        self.on_crash: Callable[[], None] = lambda: None
        self._steps_before = 0
        self._crashes = list(scenario.crashes)
        self._next_crash: Crash | None = None
        self._counted = 0
        self._crash_at = LAST
        self.timeline.call_at(BELL_NS, self._bell)

    def dice(self, purpose: str) -> Chance:
        """The seed's generator for one purpose; a life's own once the program runs."""
        life = getattr(self, "life", 0)
        return chance(self.scenario.seed, purpose, life)

    @property
    def accepted(self) -> bool:
        """Whether a person took the venue's word for a position."""
        return any("/accepted/" in str(row[2:4]) for row in self.disk.table("adjustment"))

    def note(self, text: str) -> None:
        """Write into the trace."""
        if self.trace.on:
            step = self.process.loop.steps if self.process else 0
            self.trace.add(self.timeline.now_ns, self.life, step, text)

    @property
    def steps(self) -> int:
        """Steps that the program has taken in all its lives."""
        return self._steps_before + (self.process.loop.steps if self.process else 0)

    def end(self) -> None:
        """Let go of everything."""
        if self.process is not None:
            self.process.die()
            self.process = None
        self.disk.discard()

    # Time.

    def run_for(self, seconds: float) -> None:
        """Let time pass. Raises ViolatedError."""
        until = self.timeline.now_ns + round(seconds * SECOND)
        while True:
            self._run_steps()
            if not self.timeline.advance(until):
                break
        self._run_steps()

    def _run_steps(self) -> None:
        self.timeline.woken = False  # who sleeps runs on when it wakes
        process = self.process
        if process is None or self.asleep:
            return
        loop, most = process.loop, process.loop.steps + SPINS
        loop.stop_at = self._crash_at if self._crash_at < most else most  # noqa: FURB136 -- quicker
        loop.run()
        if loop.steps >= most:
            raise ViolatedError("nothing-breaks", f"{SPINS} steps and no time has passed")
        if loop.steps >= self._crash_at:
            self.crash("at this step")
            return
        if process.failed:
            self._give_up()
            return
        if self.violated is not None:
            raise self.violated
        if self.broken:
            raise ViolatedError("nothing-breaks", self.broken)

    # The program.

    def start(self) -> None:
        """Start the program, if it does not run."""
        if self.process is not None:
            return
        self.life += 1
        self._next_crash = self._crashes.pop(0) if self._crashes else None
        self._crash_at, self._counted = LAST, 0
        self.note("the program starts")
        self.process = Process(self._surroundings(), self.life)
        self.process.begin()
        self.market.tell_status()
        self.count(Since.START)

    def count(self, event: Since) -> None:
        """Something has begun after which the program may have to die."""
        crash = self._next_crash
        if crash is None or crash.since is not event or self.process is None:
            return
        self._counted += 1
        if self._counted == crash.number:
            loop = self.process.loop
            self._crash_at = loop.steps + crash.steps
            loop.stop_at = min(loop.stop_at, self._crash_at)

    def crash(self, why: str, seconds: float | None = None) -> None:
        """Kill the program; somebody starts it again."""
        if self.process is None:
            return
        self.note(f"CRASH {why}")
        self._steps_before += self.process.loop.steps
        self.process.die()
        self.process = None
        self.on_crash()
        pause = self.dice("pause").uniform(1, 90) if seconds is None else seconds
        self.timeline.call_later(pause, self.start)

    def no_more_crashes(self) -> None:
        """From here on the program lives."""
        self._crashes.clear()
        self._next_crash = None
        self._crash_at = LAST

    def sleep(self, seconds: float) -> None:
        """Close the lid: the program stands still and its session breaks; the rest goes on."""
        if self.asleep or self.process is None:
            return
        self.note(f"the machine sleeps for {seconds:.0f} s")
        self.asleep = True
        self.process.broker.drop(seconds + 2)
        self.timeline.call_later(seconds, self._wake)

    def _wake(self) -> None:
        self.asleep = False
        self.note("the machine wakes")
        self.market.tell_status()  # as a feed does that is asked anew

    def step_clock(self, seconds: float) -> None:
        """Let this machine's clock jump."""
        self.note(f"the clock jumps by {seconds:.1f} s")
        self.clock_offset_ns += round(seconds * SECOND)
        if self.process is not None:
            self.process.clock.offset_ns = self.clock_offset_ns

    def _give_up(self) -> None:
        """The start failed with a reason: the person starts it again."""
        self.crash("the start failed", seconds=10)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            timeline=self.timeline,
            venue=self.venue,
            market=self.market,
            disk=self.disk,
            plan=self.plan,
            dice=self.dice,
            clock_offset_ns=lambda: self.clock_offset_ns,
            note=self.note,
            traced=self.trace.on,
            sent=self._sent,
            durable=self._durable,
            alerted=self._alerted,
            broken=self._broken,
            came_up=self._came_up,
        )

    # What it hears.

    def _sent(self, sent: Sent) -> None:
        self.note(f"SENT {sent.order.client_order_id} for {sent.order.intent.intent_id}")
        try:
            self.on_sent(sent)
        except ViolatedError as violated:
            self.violated = violated
            raise
        self.sends.append(sent)
        self.count(Since.SEND)

    def _came_up(self, process: Process) -> None:
        try:
            self.on_start(process)
        except ViolatedError as violated:
            self.violated = violated
            raise

    def _durable(self) -> None:
        self.durable = self.disk.audit_end()

    def _alerted(self, key: str, text: str) -> None:
        self.told[key] = text
        self.given_up = self.given_up or "It is not tried again" in text
        self.note(f"alert {key}: {text}")

    def _broken(self, text: str) -> None:
        self.broken = self.broken or text

    def _to_venue(self, quote: Quote) -> None:
        self.venue.publish(self.venue.on_quote(quote, self.timeline.now_ns))

    def _to_feed(self, row: RawRow) -> None:
        process = self.process
        if process is not None and not self.asleep:
            process.loop.call_soon(process.ingest.on_rows, (row,))

    def halt(self, symbol: str, *, halted: bool) -> None:
        """Halt or resume a symbol at venue and feed."""
        now = self.timeline.now_ns
        self.note(f"{symbol} is {'halted' if halted else 'resumed'}")
        self.venue.on_status(
            TradingStatus(
                symbol=symbol, halted=halted, reason="simulated", ts_event=now, ts_init=now
            )
        )
        self.market.halt(symbol, halted=halted)

    def _bell(self) -> None:
        self.note("the bell: day orders expire")
        self.venue.publish(self.venue.end_session(self.timeline.now_ns))
