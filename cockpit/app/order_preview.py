"""What an order would do before anybody sends it: money, position, and every limit after it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from cockpit.domain.limits import Verdict
from cockpit.domain.order import Order, OrderIntent
from cockpit.domain.values import ZERO
from cockpit.risk.view import ApprovalView
from cockpit.trading.gate.situation import Situation
from cockpit.trading.oms import Oms

FeeOf = Callable[[OrderIntent], Decimal | None]
"""What an order costs when all of it fills; None when nobody knows."""

_UNASKED = ApprovalView(needed=False, releasing=False, given_for=None, expires_ns=None)


class OrderPreview(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of this moment; money in the account's currency, None where nobody knows.

    `notional` is at the worst price the gate reckons with, `position_after` when all of it
    fills. `power_after` is what is left of the buying power once it and everything open is
    taken at its worst. `verdict` is the gate's word up to its first denial.
    """

    verdict: Verdict
    price: Decimal | None
    notional: Decimal | None
    fee: Decimal | None
    position_before: Decimal
    position_after: Decimal
    power_before: Decimal | None
    power_after: Decimal | None
    reduces: bool


class Previews:
    """Asks the gate and reckons the rest; makes nothing, sends nothing, keeps nothing."""

    def __init__(self, oms: Oms, situation: Situation, fee_of: FeeOf | None) -> None:
        self._oms = oms
        self._situation = situation
        self._fee_of = fee_of

    def of(self, intent: OrderIntent, replaces: str | None = None) -> OrderPreview:
        """`intent` as if it were sent now, in the place of the order `replaces`."""
        verdict = self._oms.preview(intent, replaces)
        imagined = Order(client_order_id="preview", intent=intent, replaces=replaces)
        view = self._situation.view(imagined, _UNASKED)
        power, after = view.buying_power, None
        if power is not None:
            opens = ZERO if view.reduces else view.worth.notional
            after = None if opens is None else power - view.commitments.total - opens
        return OrderPreview(
            verdict=verdict,
            price=view.worth.worst,
            notional=view.worth.notional,
            fee=None if self._fee_of is None else self._fee_of(intent),
            position_before=view.position,
            position_after=view.position + intent.side.sign * intent.quantity,
            power_before=power,
            power_after=after,
            reduces=view.reduces,
        )
