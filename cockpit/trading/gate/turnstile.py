"""One-use tokens: without one no adapter sends anything."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cockpit.domain.limits import TradingState
from cockpit.domain.order import FLATTEN, MANUAL, Order
from cockpit.ports.broker import GateToken, TokenRefusedError


@dataclass(slots=True)
class _Issued:
    order: Order
    entry: bool
    alone: bool
    ts_ns: int
    stopped: bool = False


class Turnstile:
    """Issues tokens to the gate and redeems them for the adapters.

    A token lasts `LASTS_NS`: a ledger that is slow must not let out an order for which the
    gate has asked an old price. What only reduces goes out however late, unless `outgrown`
    says that another order has closed a part meanwhile, and this one is too large now.
    """

    LASTS_NS = 3_000_000_000

    def __init__(
        self, now_ns: Callable[[], int], outgrown: Callable[[Order], bool] = lambda _order: False
    ) -> None:
        self._now_ns = now_ns
        self._outgrown = outgrown
        self._outstanding: dict[str, _Issued] = {}

    def issue(self, order: Order, *, entry: bool = True, alone: bool = False) -> GateToken:
        """A token for exactly this order, as it is now.

        `entry` when it does not just reduce, `alone` when no person has said yes to it.
        """
        token = GateToken(secrets.token_hex(16), order.fingerprint)
        self._outstanding[token.secret] = _Issued(order, entry, alone, self._now_ns())
        return token

    def tighten(self, state: TradingState) -> None:
        """Stop what passed the gate before the state was tightened and is not sent yet.

        Under HALTED only a person's flatten goes on, under REDUCING what reduces.
        """
        for issued in self._outstanding.values():
            if state is TradingState.HALTED:
                issued.stopped |= issued.order.intent.strategy != FLATTEN
            elif state is TradingState.REDUCING:
                issued.stopped |= issued.entry

    def disarmed(self) -> None:
        """Stop what automation opens alone and is not sent yet: it may not act alone any more."""
        for issued in self._outstanding.values():
            automated = issued.order.intent.strategy not in (MANUAL, FLATTEN)
            issued.stopped |= issued.alone and automated

    def void(self, symbol: str) -> None:
        """Stop every order on `symbol` that is not sent yet: somebody closes it another way."""
        for issued in self._outstanding.values():
            issued.stopped |= issued.order.symbol == symbol

    def redeem(self, token: GateToken, order: Order) -> None:
        """Use the token up.

        Raises TokenRefusedError when it was not issued here, was used, is of another
        order, too old, was stopped meanwhile, or closes more than is left by now; it is void
        afterwards in any case.
        """
        issued = self._outstanding.pop(token.secret, None)
        if issued is not None and issued.stopped:
            raise TokenRefusedError(
                f"trading was tightened before {order.client_order_id} was sent",
                user_text="Trading was halted or reduced, the session was disarmed, or the "
                "position was being closed, before the order was sent. Nothing was sent.",
                code="STATE_TIGHTENED",
            )
        if issued is not None and issued.entry and self._is_late(issued):
            raise TokenRefusedError(
                f"{order.client_order_id} passed the gate too long ago",
                user_text="It took too long to store the order after the gate had let it through; "
                "the price may have moved. Nothing was sent. Place it anew.",
                code="TOKEN_LAPSED",
            )
        if issued is not None and self._outgrown(order):
            raise TokenRefusedError(
                f"{order.client_order_id} would close more than is held",
                user_text="The position became smaller before the order that closes it was sent. "
                "Nothing was sent.",
                code="EXIT_OUTGROWN",
            )
        bound_to = None if issued is None else issued.order.fingerprint
        if bound_to is None or bound_to != order.fingerprint or token.fingerprint != bound_to:
            raise TokenRefusedError(
                f"token refused for {order.client_order_id}",
                user_text=f"The order {order.client_order_id} did not come through the gate. "
                "Nothing was sent.",
            )

    def _is_late(self, issued: _Issued) -> bool:
        return not (0 <= self._now_ns() - issued.ts_ns <= self.LASTS_NS)
