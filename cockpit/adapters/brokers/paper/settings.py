"""What can be set for the paper broker, in the section `[brokers.paper]`."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from pydantic import Field

from cockpit.kernel.settings import SettingsModel


class PaperSettings(SettingsModel):
    """The simulated account, the way to the venue, its fees and, for tests, its faults.

    `latency_ms` is one way, for requests and events each, and varies by up to
    `jitter_fraction` of itself; `seed` makes it repeatable. A quote older than
    `max_quote_age_s` fills nothing. Commission is per share with a minimum an order.
    `leverage` 1 is a cash account. DAY orders end at `session_end`, New York time.
    `reject_rate` and `lost_answer_rate` are probabilities: the venue refuses, or takes the
    order while its answer never arrives and `lost_answer_after_s` pass in vain.
    """

    starting_cash: Decimal = Field(default=Decimal(100_000), gt=0)
    leverage: Decimal = Field(default=Decimal(1), ge=1)
    short_sales: bool = True
    latency_ms: float = Field(default=40.0, ge=0)
    jitter_fraction: float = Field(default=0.25, ge=0, le=1)
    seed: int = 1
    max_quote_age_s: Decimal = Field(default=Decimal(2), gt=0)
    commission_per_share: Decimal = Field(default=Decimal("0.005"), ge=0)
    commission_minimum: Decimal = Field(default=Decimal("1.00"), ge=0)
    session_end: time = time(16, 0)
    reject_rate: float = Field(default=0.0, ge=0, le=1)
    lost_answer_rate: float = Field(default=0.0, ge=0, le=1)
    lost_answer_after_s: float = Field(default=2.0, ge=0)
