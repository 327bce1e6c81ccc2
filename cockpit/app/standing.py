"""What a start finds standing: the trading state that was left, limits that wait to be loosened."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.app.limits.desk import Waiting
from cockpit.app.limits.lockout import Lockout
from cockpit.app.telling.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.limit_rules import LimitValue
from cockpit.domain.limits import TradingState
from cockpit.ports.store import Run
from cockpit.trading.state import TradingSwitch

WAITING = "limits-waiting"
ALERT = "trading-state"


async def take_over(
    switch: TradingSwitch, alerts: Alerts, run: Run, lockout: Lockout | None = None
) -> None:
    """Let a lasting account stay halted or reducing, as it was left; others start afresh.

    A lockout that holds halts, whatever it was left as. Raises StoreError when the ledger
    can't say how it was left.
    """
    if run.mode.simulated:
        return
    await switch.take_over()
    locked = lockout is not None and lockout.take_over()
    if switch.state is TradingState.ACTIVE:
        return
    left = (
        f"The last session left it so: {switch.reason.rstrip('.')}. It stays so until you resume."
    )
    alerts.raise_(
        ALERT,
        Severity.WARNING,
        f"Trading is still {switch.state.value}",
        lockout.lock.words if lockout is not None and locked else left,
        "trading",
    )


def tell_waiting(alerts: Alerts, waiting: Sequence[Waiting]) -> None:
    """Say that the settings file would loosen limits that hold on."""
    if not waiting:
        return
    values = (f"{one.place} is {shown(one.in_force)}, not {shown(one.wanted)}" for one in waiting)
    alerts.raise_(
        WAITING,
        Severity.WARNING,
        "Looser limits wait for you",
        f"The settings file loosens what held in the last session: {'; '.join(values)}. The "
        "stricter limits hold until you confirm each in Trade > Change limits.",
        "limits",
    )


def shown(value: LimitValue | None) -> str:
    """A limit's value as a person reads it."""
    if value is None:
        return "none"
    if isinstance(value, frozenset):
        return " ".join(sorted(value)) or "none"
    return f"{Decimal(value).normalize():f}"
