"""One-use tokens: without one no adapter sends anything."""

from __future__ import annotations

import secrets

from cockpit.domain.order import Order
from cockpit.ports.broker import GateToken, TokenRefusedError


class Turnstile:
    """Issues tokens to the gate and redeems them for the adapters."""

    def __init__(self) -> None:
        self._outstanding: dict[str, str] = {}

    def issue(self, order: Order) -> GateToken:
        """A token for exactly this order, as it is now."""
        token = GateToken(secrets.token_hex(16), order.fingerprint)
        self._outstanding[token.secret] = order.fingerprint
        return token

    def redeem(self, token: GateToken, order: Order) -> None:
        """Use the token up.

        Raises TokenRefusedError when it was not issued here, was used, or is of
        another order; it is void afterwards in any case.
        """
        bound_to = self._outstanding.pop(token.secret, None)
        if bound_to is None or bound_to != order.fingerprint or token.fingerprint != bound_to:
            raise TokenRefusedError(
                f"token refused for {order.client_order_id}",
                user_text=f"The order {order.client_order_id} did not come through the gate. "
                "Nothing was sent.",
            )
