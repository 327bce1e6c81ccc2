"""Evaluates an order against every control and issues the token at release."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cockpit.domain.limits import ControlResult, Verdict
from cockpit.domain.order import Order
from cockpit.ports.broker import GateToken
from cockpit.risk.controls import CONTROLS, SIZE_AND_LOSS, Control
from cockpit.risk.view import ApprovalView, RiskView
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.gate.turnstile import Turnstile

CONTROL_FAILED = "CONTROL_FAILED"
_FOR_WHAT_REDUCES = tuple(control for control in CONTROLS if control not in SIZE_AND_LOSS)


class Gate:
    """The controls in their fixed order; the first denial stops. Cancels do not come here.

    `last` is the newest verdict, for a panel.
    """

    def __init__(self, turnstile: Turnstile, traffic: Traffic) -> None:
        self._turnstile = turnstile
        self.traffic = traffic
        self.last: Verdict | None = None

    def evaluate(self, view: RiskView) -> Verdict:
        """Run the controls; one that raises denies with CONTROL_FAILED."""
        results = _answers(_FOR_WHAT_REDUCES if view.reduces else CONTROLS, view)
        self.last = verdict = Verdict(results=(*results,), ts_ns=view.now_ns)
        return verdict

    def open_for(
        self,
        order: Order,
        verdict: Verdict,
        now_ns: int,
        *,
        entry: bool,
        by: ApprovalView | None = None,
    ) -> GateToken:
        """Issue the token for an order whose last evaluation passed, and count it.

        `by` tells whether a person was asked: what opens without one stops with the arming.
        Raises ValueError when the verdict did not pass: that is a fault of the caller.
        """
        if not verdict.passed:
            raise ValueError(f"no token for {order.client_order_id}: it was denied")
        self.traffic.order_released(order, now_ns, entry=entry)
        alone = entry and by is not None and not by.needed and order.replaces is None
        return self._turnstile.issue(order, entry=entry, alone=alone)


def control_failed(control: str, error: Exception) -> ControlResult:
    """The denial of a control that could not be evaluated."""
    return ControlResult(
        control=control,
        passed=False,
        code=CONTROL_FAILED,
        text=f"The control {control} could not be evaluated: {error}.",
        limit=Decimal(0),
    )


def _answers(plan: Sequence[Control], view: RiskView) -> list[ControlResult]:
    """All answers up to and with the first denial."""
    results: list[ControlResult] = []
    asked = plan[0]
    try:
        for asked in plan:
            result = asked(view)
            results.append(result)
            if not result.passed:
                break
    except Exception as error:  # noqa: BLE001 -- whatever fails, the answer is no
        results.append(control_failed(asked.__name__, error))
    return results
