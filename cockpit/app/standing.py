"""What a start finds standing: the trading state that was left, and the limits now in force."""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.app.alerts import Alerts
from cockpit.domain.alert import Severity
from cockpit.domain.limit_rules import LimitRules
from cockpit.ports.store import Run, Store
from cockpit.trading.state import TradingSwitch

LIMITS = "limits"
ALERT = "trading-state"


async def take_over(switch: TradingSwitch, alerts: Alerts, run: Run) -> None:
    """Let a lasting account stay halted or reducing, as it was left; others start afresh.

    Raises StoreError when the ledger can't say how it was left.
    """
    if run.mode.simulated or not await switch.take_over():
        return
    alerts.raise_(
        ALERT,
        Severity.WARNING,
        f"Trading is still {switch.state.value}",
        f"The last session left it so: {switch.reason.rstrip('.')}. It stays so until you resume.",
        "trading",
    )


async def record_limits(store: Store, run: Run, rules: LimitRules, now_ns: int) -> None:
    """Write the limits to the audit log, with those before them, when they have changed.

    Raises StoreError.
    """
    now = rules.as_text()
    before = _after(await store.newest_record(LIMITS, run.account_id))
    if before != now:
        await store.record(LIMITS, run.account_id, now_ns, {"before": before, "after": now})


def _after(written: str | None) -> dict[str, Any] | None:
    if written is None:
        return None
    return msgspec.json.decode(written, type=dict[str, dict[str, Any] | None])["after"]
