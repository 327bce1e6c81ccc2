"""What a person is asked to decide about a proposed order."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cockpit.domain.limits import Verdict
from cockpit.domain.market import Quote
from cockpit.domain.order import Order


class Autonomy(StrEnum):
    """How far a strategy may go alone; never raised by software."""

    MANUAL = "manual"
    APPROVE = "approve"
    BOUNDED = "bounded"


class ApprovalOutcome(StrEnum):
    """How a request for approval ended."""

    APPROVED = "approved"
    EDITED = "edited"
    KILLED = "killed"
    EXPIRED = "expired"


class ApprovalRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A proposed order waiting for a person.

    Bound to `fingerprint`: an order that differs needs a new request. `verdict` is the
    gate's answer when asked, `quote` the market then. Expires at `expires_ns`.
    """

    order: Order
    fingerprint: str
    verdict: Verdict
    quote: Quote | None
    created_ns: int
    expires_ns: int

    @property
    def request_id(self) -> str:
        """The client order id: one open request an order."""
        return self.order.client_order_id
