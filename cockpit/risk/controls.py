"""The gate's controls in their fixed order."""

from __future__ import annotations

from cockpit.risk.admission import (
    duplicate,
    environment,
    instrument_open,
    market_data,
    price_collar,
    readiness,
    trading_state,
    validity,
)
from cockpit.risk.amounts import (
    buying_power,
    concentration,
    day_loss,
    drawdown,
    gross_exposure,
    loss_cooldown,
    message_rate,
    order_counts,
    order_value,
    order_volume,
    repeated_automation,
)
from cockpit.risk.conduct import approval, pattern_day_trader, self_match, short_locate
from cockpit.risk.results import Control

CONTROLS: tuple[Control, ...] = (
    environment,
    trading_state,
    readiness,
    validity,
    instrument_open,
    duplicate,
    market_data,
    price_collar,
    order_volume,
    order_value,
    buying_power,
    concentration,
    gross_exposure,
    order_counts,
    message_rate,
    repeated_automation,
    day_loss,
    drawdown,
    loss_cooldown,
    self_match,
    pattern_day_trader,
    short_locate,
    approval,
)
"""The fixed order. The first denial stops."""

SIZE_AND_LOSS: frozenset[Control] = frozenset(
    {
        order_volume,
        order_value,
        buying_power,
        concentration,
        gross_exposure,
        order_counts,
        message_rate,
        repeated_automation,
        day_loss,
        drawdown,
        loss_cooldown,
        pattern_day_trader,
        short_locate,
    }
)
"""Controls 9 to 16 and two of 17, which never block an order that only reduces a position."""
