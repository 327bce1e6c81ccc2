"""Ties the checks to arming: what is asked, what hinders, and what makes it fall."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cockpit.app.arming import Arming
from cockpit.app.core import Core
from cockpit.app.health.findings import HealthChanged
from cockpit.app.health.probes import session_probes
from cockpit.app.health.watch import HealthWatch
from cockpit.domain.limits import TradingState
from cockpit.ports.clock import Clock

FRESH_S = 5.0
"""To arm, nothing may have been looked at longer ago."""


def guard(
    core: Core,
    arming: Arming,
    health: HealthWatch,
    *,
    ledger: Path,
    config: Path | None,
    wall: Clock,
    parts: Mapping[str, object],
) -> None:
    """Tell `health` what there is to ask, and let `arming` stand and fall with what it finds."""
    health.ask_of(session_probes(core, ledger, config, wall, parts=parts))

    def hindrance() -> str:
        switch = core.switch
        if switch.state is not TradingState.ACTIVE:
            why = switch.reason.rstrip(".")
            return f"Trading is {switch.state.value}: {why}. Resume it when the reason is gone."
        if reason := core.readiness.disconnected():
            return reason
        if waiting := health.unanswered():
            return f"Not checked yet: {waiting[0]}. Whoever arms has it looked at first."
        return core.health.why_not(wall.now_ns())

    async def look() -> None:
        await health.check_now(newer_than_s=FRESH_S)

    arming.guarded_by(look, hindrance)
    core.switch.on_latch(arming.latched)

    def on_health(_event: HealthChanged) -> None:
        if red := core.health.hindering(wall.now_ns()):
            arming.disarm(f"A required check is not green: {red[0].name}.")

    core.bus.subscribe(HealthChanged, on_health, name="arming")
