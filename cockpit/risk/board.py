"""What the risk monitor measures: each limit with its latch, and what crossing it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from cockpit.domain.alert import Severity
from cockpit.domain.limits import TradingState
from cockpit.risk.errors import RiskError

_ADVICE = {
    TradingState.REDUCING: "Only orders that close are allowed until you resume trading.",
    TradingState.HALTED: "Trading is halted until you resume it; flatten still works.",
}
_LOCKED = "Trading is halted until the day is over; closing and cancelling go on."


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of limit.

    `what` names the measure in a sentence, with {subject} where there is a symbol or an
    order. `tightens` is the state that crossing leads to; None only warns. `locks_out` is
    True where nobody may resume before the day is over. `reaching` is True when the limit
    itself is already too much.
    """

    key: str
    what: str
    unit: str
    severity: Severity = Severity.WARNING
    tightens: TradingState | None = None
    locks_out: bool = False
    reaching: bool = False
    advice: str = ""


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """One limit as it was last evaluated, for a panel.

    `value` and `limit` are in `unit` ("USD", "%", "s", "messages", "orders", "trades").
    `armed` is False from the alert on until a person has acknowledged it and the value
    is back. `ts_ns` is the last evaluation.
    """

    name: str
    subject: str
    value: float
    limit: float
    unit: str
    armed: bool
    ts_ns: int

    @property
    def used(self) -> float:
        """Value / limit: 1.0 is at the limit. Infinite when nothing is allowed at all."""
        if self.limit > 0:
            return self.value / self.limit
        return float("inf") if self.value > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """What the monitor may do. It can only tighten: loosening is a person's.

    `lock_out` takes what was measured, and keeps trading halted until the day is over.
    `raise_alert` takes key, severity, title, text and source; `incident` key, title, text.
    """

    tighten: Callable[[TradingState, str], bool]
    lock_out: Callable[[str], None]
    raise_alert: Callable[[str, Severity, str, str, str], object]
    clear_alert: Callable[[str], None]
    incident: Callable[[str, str, str], None]


class _Watch:
    """One limit's value, whether it is crossed, and its alert's latch."""

    __slots__ = ("acknowledged", "latched", "limit", "over", "rule", "subject", "ts_ns", "value")

    def __init__(self, rule: Rule, subject: str) -> None:
        self.rule = rule
        self.subject = subject
        self.value = self.limit = 0.0
        self.ts_ns = 0
        self.over = self.latched = self.acknowledged = False

    @property
    def alert_key(self) -> str:
        return ".".join(filter(None, ("risk", self.rule.key, self.subject)))

    def take(self, value: float, limit: float, now_ns: int) -> bool:
        """Keep the measure; True when this very one crossed the limit."""
        within = value < limit if self.rule.reaching else value <= limit
        if not within and not value >= limit:  # neither: one of them is no number
            raise RiskError(
                f"{self.rule.key} {self.subject}: {value} against {limit}",
                user_text=f"{self.title} can't be reckoned.",
            )
        crossed = not (within or self.over)
        self.value, self.limit, self.ts_ns, self.over = value, limit, now_ns, not within
        return crossed

    @property
    def title(self) -> str:
        return self.rule.what.format(subject=self.subject)

    def measured(self) -> str:
        values = f"{_number(self.value)} {self.rule.unit}, the limit is {_number(self.limit)}"
        return f"{self.title}: {values}."

    def text(self) -> str:
        rule = self.rule
        advice = rule.advice if rule.tightens is None else _ADVICE[rule.tightens]
        return f"{self.measured()} {_LOCKED if rule.locks_out else advice}".rstrip()

    def gauge(self) -> Gauge:
        return Gauge(
            name=self.rule.key,
            subject=self.subject,
            value=self.value,
            limit=self.limit,
            unit=self.rule.unit,
            armed=not self.latched,
            ts_ns=self.ts_ns,
        )


class Board:
    """Every limit that was evaluated, in the order it first was.

    Each crossing tightens trading, also while the alert is still latched: a person who
    resumed and a value that came back must not leave the limit without effect.
    """

    def __init__(self, consequences: Consequences) -> None:
        self._do = consequences
        self._watches: dict[tuple[str, str], _Watch] = {}
        self._latched: dict[str, _Watch] = {}

    def gauges(self) -> tuple[Gauge, ...]:
        """All limits as they were last evaluated."""
        return tuple(watch.gauge() for watch in self._watches.values())

    def measure(
        self, rule: Rule, value: float, limit: float, now_ns: int, subject: str = ""
    ) -> None:
        """Take a new value in. Raises RiskError when it or the limit is no number."""
        watch = self._watches.get((rule.key, subject))
        if watch is None:
            watch = self._watches[rule.key, subject] = _Watch(rule, subject)
        if watch.take(value, limit, now_ns):
            self._cross(watch)
        elif watch.latched:
            self._rearm(watch)

    def settle(self, rule: Rule, subject: str, now_ns: int, *, gone: bool = False) -> None:
        """What `subject` was watched for is over: its value is back at zero.

        With the subject itself `gone` nothing is left to see to: its alert clears by itself.
        """
        watch = self._watches.get((rule.key, subject))
        if watch is None:
            return
        watch.take(0.0, watch.limit or 1.0, now_ns)
        watch.acknowledged |= gone
        self._rearm(watch)
        if not watch.latched:
            del self._watches[rule.key, subject]

    def acknowledged(self, alert_key: str) -> None:
        """A person has seen that alert."""
        watch = self._latched.get(alert_key)
        if watch is not None:
            watch.acknowledged = True
            self._rearm(watch)

    def _cross(self, watch: _Watch) -> None:
        rule, text = watch.rule, watch.text()
        if rule.tightens is not None:
            self._do.tighten(rule.tightens, text)
        if rule.locks_out:
            self._do.lock_out(watch.measured())
        if not watch.latched:
            watch.latched, watch.acknowledged = True, False
            self._latched[watch.alert_key] = watch
            self._do.raise_alert(watch.alert_key, rule.severity, watch.title, text, "risk")

    def _rearm(self, watch: _Watch) -> None:
        if watch.over or not (watch.latched and watch.acknowledged):
            return
        watch.latched = watch.acknowledged = False
        del self._latched[watch.alert_key]
        self._do.clear_alert(watch.alert_key)


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")
