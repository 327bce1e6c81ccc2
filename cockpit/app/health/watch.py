"""Runs the checks all day long, keeps what they found, and tells of every change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from cockpit.app.health.findings import Finding, Findings, HealthChanged
from cockpit.app.health.probe import Probe, asked
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.events import ConnectionChanged, RecoveryChanged, TradingStateChanged
from cockpit.kernel.bus import Bus
from cockpit.kernel.chance import chance
from cockpit.kernel.clock import SECOND
from cockpit.kernel.supervisor import OnCrash, Supervisor, SupervisorStoppedError
from cockpit.ports.clock import Clock
from cockpit.ports.health import Check, CheckState

JITTER = 0.1
AGAIN_S = 3.0
"""After the first time that something known could not be found out: it is asked once more."""

LIVE_GROUPS = ("session",)
"""What is looked at anew in the very moment in which a session, a start or a halt changes."""

_SEVERITY: Mapping[tuple[CheckState, bool], Severity] = {
    (CheckState.FAILED, True): Severity.CRITICAL,
    (CheckState.FAILED, False): Severity.WARNING,
    (CheckState.UNKNOWN, True): Severity.WARNING,
    (CheckState.WARNING, True): Severity.NOTICE,
    (CheckState.WARNING, False): Severity.NOTICE,
}


class HealthWatch:
    """Asks each probe on a schedule of its own; `clock` is the machine's, `session_clock` stamps.

    A probe that hangs or raises becomes a finding and keeps no other from its turn. Nothing
    here listens to prices.
    """

    def __init__(
        self,
        *,
        findings: Findings,
        clock: Clock,
        session_clock: Clock,
        bus: Bus,
        supervisor: Supervisor,
        alerts: Alerts,
    ) -> None:
        self._probes: tuple[Probe, ...] = ()
        self._findings = findings
        self._clock = clock
        self._session_clock = session_clock
        self._bus = bus
        self._supervisor = supervisor
        self._alerts = alerts
        self._under_way: dict[int, asyncio.Future[None]] = {}
        self._missed: dict[int, set[str]] = {}
        self._made: dict[int, set[str]] = {}
        self._said: dict[str, CheckState] = {}
        self._told: set[str] = set()

    def ask_of(self, probes: Sequence[Probe]) -> None:
        """Learn what there is to ask; once."""
        self._probes = tuple(probes)

    def start(self) -> None:
        """Begin; each probe is asked at once, then on its schedule."""
        for topic in (ConnectionChanged, RecoveryChanged, TradingStateChanged):
            self._bus.subscribe(topic, self._on_session, name="health")
        for number, probe in enumerate(self._probes):
            self._supervisor.serve(
                lambda n=number: self._attend(n),
                name=f"{probe.group}-{probe.name}".replace(" ", "-"),
                owner="health",
                policy=OnCrash.RESTART,
            )

    def unanswered(self) -> Sequence[str]:
        """The required probes that have not said anything yet."""
        return [
            f"{probe.group}, {probe.name}"
            for number, probe in enumerate(self._probes)
            if probe.required and number not in self._made
        ]

    async def check_now(self, *, newer_than_s: float = 0.0) -> None:
        """Ask every probe now, all at once; returns when each has answered or run out of time.

        With `newer_than_s` those are left out whose findings are newer, unless they are eager.
        """
        wanted = [
            number
            for number, probe in enumerate(self._probes)
            if probe.eager or not self._is_new(number, newer_than_s)
        ]
        await asyncio.gather(*(self._turn(number) for number in wanted))

    def _is_new(self, number: int, seconds: float) -> bool:
        found = [self._findings.get(key) for key in self._made.get(number, ())]
        oldest = min((f.check.checked_at for f in found if f is not None), default=0)
        return 0 <= self._clock.now_ns() - oldest < seconds * SECOND

    async def _attend(self, number: int) -> None:
        probe = self._probes[number]
        spread = chance("health", probe.group, probe.name)
        while True:
            await self._turn(number)
            every = probe.every_s * spread.uniform(1 - JITTER, 1 + JITTER)
            await self._clock.sleep(AGAIN_S if self._missed.get(number) else every)

    async def _turn(self, number: int, *, alerts: bool = True) -> None:
        """Ask one probe, unless it is being asked: then its answer counts for both.

        Without `alerts` only findings change: what comes and goes is told at the next turn, if
        it is still so.
        """
        if (waiting := self._under_way.get(number)) is not None:
            await asyncio.wait({waiting})
            return
        mine = self._under_way[number] = asyncio.get_running_loop().create_future()
        try:
            self._take(number, await asked(self._probes[number], self._clock), alerts=alerts)
        finally:
            del self._under_way[number]
            mine.set_result(None)

    def _take(self, number: int, checks: Iterable[Check], *, alerts: bool) -> None:
        """Keep what was found; tell what is other than before."""
        probe, missed_before = self._probes[number], self._missed.get(number, set())
        missed, names, changed = set[str](), set[str](), list[Finding]()
        for check in checks:
            finding = self._finding(probe, check)
            names.add(finding.key)
            if finding.key not in missed_before and self._is_miss(number, finding):
                missed.add(finding.key)
                continue
            if self._findings.put(finding):
                changed.append(finding)
            if probe.alerts and alerts:
                self._alert(finding)
        self._missed[number] = missed
        gone = self._gone(number, probe, names)
        if changed or gone:
            now = self._session_clock.now_ns()
            self._bus.publish(
                HealthChanged(findings=tuple(changed), gone=gone, ts_event=now, ts_init=now)
            )

    def _finding(self, probe: Probe, check: Check) -> Finding:
        before = self._findings.get(f"{probe.group}/{check.name}")
        same = before is not None and before.check.state is check.state
        return Finding(
            group=probe.group,
            check=check,
            since_ns=before.since_ns if before is not None and same else check.checked_at,
            good_for_s=probe.good_for_s,
        )

    def _is_miss(self, number: int, finding: Finding) -> bool:
        """One lost answer is no change: what was known counts on until it was asked once more."""
        if finding.check.state is not CheckState.UNKNOWN:
            return False
        known = (self._findings.get(key) for key in self._made.get(number, ()))
        return any(f is not None and f.check.state is not CheckState.UNKNOWN for f in known)

    def _gone(self, number: int, probe: Probe, names: set[str]) -> tuple[str, ...]:
        """Forget what the probe does not speak of any more; one that was silent forgets nothing."""
        before = self._made.get(number, set())
        if names == {f"{probe.group}/{probe.name}"} and len(before | names) > 1:
            self._made[number] = before | names
            return ()
        self._made[number] = names
        gone = tuple(sorted(key for key in before - names if self._findings.drop(key)))
        for key in gone:
            self._said.pop(key, None)
            self._clear(key)
        return gone

    def _alert(self, finding: Finding) -> None:
        check, before = finding.check, self._said.get(finding.key)
        if before is check.state:
            return
        self._said[finding.key] = check.state
        severity = _SEVERITY.get((check.state, check.required))
        starting = check.state is CheckState.UNKNOWN and before is None
        if severity is None or starting:
            self._clear(finding.key)
        else:
            self._told.add(finding.key)
            text = f"{check.found} {check.next_step}".strip()
            title = f"{finding.name[:1].upper()}{finding.name[1:]} {WORDS[check.state]}"
            self._alerts.raise_(f"health.{finding.key}", severity, title, text, "health")

    def _clear(self, key: str) -> None:
        if key in self._told:
            self._told.discard(key)
            self._alerts.clear(f"health.{key}")

    def _on_session(self, _event: object) -> None:
        for number, probe in enumerate(self._probes):
            if probe.group in LIVE_GROUPS:
                self._soon(number)

    def _soon(self, number: int) -> None:
        with suppress(SupervisorStoppedError):  # the session ends: nobody asks any more
            self._supervisor.serve(
                lambda: self._turn(number, alerts=False), name="now", owner="health"
            )


WORDS: Mapping[CheckState, str] = {
    CheckState.OK: "is ok",
    CheckState.WARNING: "needs a look",
    CheckState.FAILED: "failed",
    CheckState.UNKNOWN: "is not known",
}
