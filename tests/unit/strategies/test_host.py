from decimal import Decimal

import pytest

from cockpit.domain.errors import DomainError
from cockpit.domain.order import FLATTEN, MANUAL
from cockpit.kernel.bus import Bus
from cockpit.strategies.host import StrategyHost
from cockpit.strategies.opening_range import OpeningRangeBreakout, OpeningRangeSettings


@pytest.mark.parametrize("name", [MANUAL, FLATTEN])
def test_no_strategy_may_pass_for_a_person(name):
    strategy = OpeningRangeBreakout(OpeningRangeSettings())
    strategy.name = name
    with pytest.raises(DomainError, match=name):
        StrategyHost(
            strategy=strategy,
            account_id="a",
            bus=Bus(),
            place=lambda intent: None,
            cancel=lambda order_id: None,
            left=lambda order_id: Decimal(0),
        )
