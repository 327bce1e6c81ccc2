"""The limits the monitor watches, as a table: what each is called and what crossing it does."""

from __future__ import annotations

from cockpit.domain.alert import Severity
from cockpit.domain.limits import TradingState
from cockpit.risk.board import Rule

LOSS_HALTED = Rule(
    key="day_loss_halted",
    what="The day's loss",
    unit="USD",
    severity=Severity.CRITICAL,
    tightens=TradingState.HALTED,
    locks_out=True,
)
LOSS_REDUCING = Rule(
    key="day_loss_reducing", what="The day's loss", unit="USD", tightens=TradingState.REDUCING
)
DRAWDOWN = Rule(
    key="drawdown",
    what="The fall from the day's peak",
    unit="%",
    tightens=TradingState.REDUCING,
)
GROSS = Rule(
    key="gross_exposure", what="Gross exposure", unit="USD", tightens=TradingState.REDUCING
)
NET = Rule(key="net_exposure", what="Net exposure", unit="USD", tightens=TradingState.REDUCING)
POSITION = Rule(
    key="position",
    what="The position in {subject}",
    unit="USD",
    tightens=TradingState.REDUCING,
)
ORDERS_A_DAY = Rule(
    key="orders_per_day", what="Orders today", unit="orders", tightens=TradingState.REDUCING
)
MESSAGES_A_MINUTE = Rule(
    key="messages_per_minute",
    what="Messages to the broker within a minute",
    unit="messages",
    tightens=TradingState.REDUCING,
)
# A cancel-all of a handful of orders is a burst that must not stop anybody from trading.
MESSAGES_A_SECOND = Rule(
    key="messages_per_second",
    what="Messages to the broker within a second",
    unit="messages",
    advice="Look at what sends them.",
)
LOSSES = Rule(
    key="consecutive_losses",
    what="Losses in a row",
    unit="trades",
    reaching=True,
    advice="Openings wait for the cooldown; closing goes on.",
)
ORDER_AGE = Rule(
    key="order_age",
    what="The age of the open order {subject}",
    unit="s",
    reaching=True,
    advice="Cancel it if you no longer mean it.",
)
NO_STOP = Rule(
    key="no_stop",
    what="The time without a live stop in {subject}",
    unit="s",
    reaching=True,
    advice="Place a stop, or close the position.",
)

RULES: tuple[Rule, ...] = (
    LOSS_HALTED,
    LOSS_REDUCING,
    DRAWDOWN,
    GROSS,
    NET,
    POSITION,
    ORDERS_A_DAY,
    MESSAGES_A_MINUTE,
    MESSAGES_A_SECOND,
    LOSSES,
    ORDER_AGE,
    NO_STOP,
)
"""All of them, those that halt first."""
