"""Asks the gate about an order as everything stands at this moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cockpit.domain.limits import Verdict
from cockpit.domain.order import Order, OrderIntent
from cockpit.risk.view import ApprovalView
from cockpit.trading.drafts import imagined, unasked
from cockpit.trading.durable import Durable
from cockpit.trading.gate import CONTROL_FAILED, Gate, control_failed
from cockpit.trading.gate.situation import Situation


class Judgement(NamedTuple):
    """The gate's verdict, and whether the order only reduces."""

    verdict: Verdict
    reduces: bool


class Judge:
    """Every way to ask: for an order that is on its way, and for one that nobody has made."""

    def __init__(self, gate: Gate, situation: Situation, durable: Durable) -> None:
        self._gate = gate
        self._situation = situation
        self._durable = durable

    def of(
        self,
        order: Order,
        approval: ApprovalView,
        *,
        without: Callable[[Order], bool] | None = None,
    ) -> Judgement:
        """The gate's word on `order`, as if the open orders `without` tells were not there.

        When a limit can't be measured trading halts: it can't be trusted from here on.
        """
        try:
            view = self._situation.view(order, approval)
            if without is not None:
                view = self._situation.without(view, without)
            judged = Judgement(self._gate.evaluate(view), view.reduces)
        except Exception as error:  # noqa: BLE001 -- whatever fails, the answer is no
            failed = control_failed("situation", error)
            now = self._situation.clock.now_ns()
            judged = Judgement(Verdict(results=(failed,), ts_ns=now), reduces=False)
        self._halt_for(judged.verdict)
        return judged

    def preview(
        self, intent: OrderIntent, replaces: str | None = None, *, cleared: bool = False
    ) -> Verdict:
        """The gate's word now, `cleared` as if its symbol had no other order. Nothing is made.

        What the gate judged last stays that of an order.
        """
        judged = self._gate.last
        order = imagined(intent, replaces, self._situation.clock.now_ns())
        seen = self.of(
            order,
            unasked(needed=False),
            without=lambda other: cleared and other.symbol == intent.symbol,
        )
        self._gate.last = judged
        return seen.verdict

    def fits_alone(self, order: Order) -> bool:
        """True when the gate would let it through if no exit stood in its way."""
        return self.of(order, unasked(needed=False), without=_is_exit).verdict.passed

    def only_reduces(self, order: Order) -> bool:
        """True when `order` can only make a position smaller."""
        return self._situation.view(order, unasked(needed=False)).reduces

    def _halt_for(self, verdict: Verdict) -> None:
        denial = verdict.denial
        if denial is not None and denial.code == CONTROL_FAILED:
            key = f"control.{denial.control}"
            self._durable.halt(key, "A limit could not be evaluated", denial.text)


def _is_exit(order: Order) -> bool:
    return bool(order.intent.protects)
