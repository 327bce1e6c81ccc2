"""Orders, limits and states as sentences a trader reads at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from cockpit.domain.alert import Severity
from cockpit.domain.limits import ControlResult, TradingState
from cockpit.domain.order import OrderIntent, OrderType
from cockpit.domain.recovery import RecoveryPhase
from cockpit.ports.health import CheckState
from cockpit.ui.models.columns import Look, Mark
from cockpit.ui.theme import format as fmt

TICK = Decimal("0.01")

STATE_WORDS: dict[TradingState, tuple[str, str]] = {
    TradingState.ACTIVE: ("TRADING ACTIVE", "up"),
    TradingState.REDUCING: ("REDUCING ONLY", "warning"),
    TradingState.HALTED: ("TRADING HALTED", "critical"),
}
"""Word and colour role of each trading state."""

READ_ONLY = ("READ ONLY", "notice")
"""In place of a state in which orders could go out, where a broker takes none."""


def short_state(state: TradingState) -> tuple[str, str]:
    """Word and colour role of the trading state while nothing may be sent anyway."""
    return state.value.upper(), "muted" if state is TradingState.ACTIVE else STATE_WORDS[state][1]


RECOVERY_LOOKS: dict[RecoveryPhase, Look] = {
    RecoveryPhase.STARTING: Look("STARTING", "notice", Mark.RING),
    RecoveryPhase.RECOVERING: Look("RECOVERING", "warning", Mark.HALF),
    RecoveryPhase.BLOCKED: Look("BLOCKED", "critical", Mark.CROSS),
}
"""Word, colour role and shape of each phase before READY, which has none: it is the usual."""


_SEVERITIES: dict[Severity, tuple[str, str]] = {
    Severity.CRITICAL: ("critical", "critical"),
    Severity.WARNING: ("warning", "warning"),
    Severity.NOTICE: ("notice", "notice"),
    Severity.INFO: ("info", "muted"),
}


class AlertsLook(NamedTuple):
    """How many alerts nobody has seen: words, colour role, whether it must not be missed, all."""

    text: str
    role: str
    solid: bool
    told: str


def alerts_look(severities: Iterable[Severity]) -> AlertsLook:
    """The count in the colour of the gravest, and named by it: calm when there is none."""
    counted = Counter(severities)
    total = sum(counted.values())
    if not total:
        return AlertsLook("0 alerts", "muted", False, "No alert is open.")
    worst = max(counted)
    told = [f"{counted[each]} {word}" for each, (word, _) in _SEVERITIES.items() if counted[each]]
    text = f"{total} alert{'s' * (total != 1)}"
    if worst is Severity.CRITICAL:
        others = total - counted[worst]
        text = f"{counted[worst]} critical" + (f" +{others}" if others else "")
    return AlertsLook(
        text,
        _SEVERITIES[worst][1],
        worst is Severity.CRITICAL,
        f"{total} not acknowledged: {', '.join(told)}. Click for the alerts.",
    )


ARMING_LOOKS: dict[bool, Look] = {
    True: Look("ARMED", "warning", Mark.DOT),
    False: Look("DISARMED", "muted", Mark.RING),
}
"""Word, colour role and shape of armed and disarmed."""

CHECK_LOOKS: dict[CheckState, Look] = {
    CheckState.OK: Look("OK", "up", Mark.CHECK),
    CheckState.WARNING: Look("Warning", "warning", Mark.HALF),
    CheckState.FAILED: Look("Failed", "critical", Mark.CROSS),
    CheckState.UNKNOWN: Look("Unknown", "notice", Mark.QUESTION),
}
"""Word, colour role and shape of each state of a check."""

SUMMARY_WORDS: dict[CheckState, str] = {
    CheckState.OK: "All green",
    CheckState.WARNING: "To look at: {n}",
    CheckState.FAILED: "Failed: {n}",
    CheckState.UNKNOWN: "Unknown: {n}",
}
"""All checks in a word or two, by the worst of them."""


def order_sentence(intent: OrderIntent, tick: Decimal = TICK) -> str:
    """BUY 31 XYZ @ limit 157.23."""
    side, quantity = intent.side.value.upper(), fmt.quantity(intent.quantity)
    return f"{side} {quantity} {intent.symbol} @ {_terms(intent, tick)}"


def _terms(intent: OrderIntent, tick: Decimal) -> str:
    limit, stop = fmt.price(intent.limit_price, tick), fmt.price(intent.stop_price, tick)
    return {
        OrderType.MARKET: "market",
        OrderType.LIMIT: f"limit {limit}",
        OrderType.STOP: f"stop {stop}",
        OrderType.STOP_LIMIT: f"stop {stop}, limit {limit}",
    }[intent.type]


def plan_sentence(intent: OrderIntent, tick: Decimal = TICK) -> str:
    """The planned stop and target; empty when there is no plan."""
    parts = (("stop", intent.planned_stop), ("target", intent.planned_target))
    return ", ".join(
        f"{word} {fmt.price(price, tick)}" for word, price in parts if price is not None
    )


def measured(value: Decimal | None, unit: str) -> str:
    """A control's figure in its unit."""
    if unit == "USD":
        return fmt.money(value, places=0)
    if unit == "%":
        return f"{fmt.number(value, places=1)}%"
    if unit == "s":
        return fmt.age(None if value is None else float(value))
    return fmt.quantity(value)


def limit_sentence(result: ControlResult) -> str:
    """$0 to $4,874 of $5,000."""
    before, after, limit = (
        measured(v, result.unit) for v in (result.before, result.after, result.limit)
    )
    return f"{before} to {after} of {limit}"


def limit_fractions(result: ControlResult) -> tuple[float, float] | None:
    """Before and after as fractions of the limit; None when the control has no such numbers."""
    if result.after is None or not result.limit:
        return None
    before = result.before if result.before is not None else Decimal(0)
    return float(before / result.limit), float(result.after / result.limit)


def closest_limits(results: tuple[ControlResult, ...], count: int = 4) -> list[ControlResult]:
    """The controls this order comes closest to, closest first, those it moves before others."""
    measurable = [r for r in results if limit_fractions(r) is not None]

    def urgency(result: ControlResult) -> tuple[bool, bool, float]:
        before, after = limit_fractions(result) or (0.0, 0.0)
        return (not result.passed or result.warning, after != before, after)

    return sorted(measurable, key=urgency, reverse=True)[:count]
