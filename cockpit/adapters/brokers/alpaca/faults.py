"""What can go wrong on the line, before it is put in the words of the port."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.adapters.brokers.asking import FAILURES, Asking, VenueRefusalError, seconds_of
from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.workers import HeldBackError, NoAnswerError
from cockpit.ports.broker import OrderRejectedError, SubmitUnknownError

__all__ = [
    "ALPACA",
    "FAILURES",
    "HeldBackError",
    "NoAnswerError",
    "UnreadableError",
    "VenueRefusalError",
    "failure",
    "id_was_used",
    "of_submit",
]

DEFINITE = frozenset({400, 401, 403, 422, 429})
"""With the venue's own words in it, an answer of these means that nothing was taken in."""

_NOT_UNIQUE = "client_order_id must be unique"
_ORDER_CODES = {401: "VENUE_AUTH", 429: "VENUE_RATE_LIMIT"}
ALPACA = Asking("Alpaca", {401: "AUTH_FAILED", 403: "AUTH_FAILED", 429: "BROKER_RATE_LIMIT"})


def id_was_used(refusal: VenueRefusalError) -> bool:
    """True when the venue already has an order of this client order id."""
    return _NOT_UNIQUE in refusal.message.lower()


class _Told(msgspec.Struct):
    message: str
    code: int | None = None


def failure(
    status: int, body: bytes, headers: Mapping[str, str]
) -> VenueRefusalError | NoAnswerError:
    """What an answer other than 2xx means; only the venue's own words make it a refusal."""
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return NoAnswerError(f"HTTP {status} without the venue's own words")
    wait_s = seconds_of(headers.get("Retry-After"))
    return VenueRefusalError(status, told.message, wait_s, told.code)


def of_submit(error: Exception) -> OrderRejectedError | SubmitUnknownError:
    """What a failed send means for the order."""
    if isinstance(error, VenueRefusalError) and error.status in DEFINITE:
        return OrderRejectedError(
            str(error),
            user_text=f"The broker refused the order: {error.message}. Nothing of it is working.",
            code=_ORDER_CODES.get(error.status, "VENUE_REJECTED"),
        )
    return SubmitUnknownError(
        str(error),
        user_text="The broker gave no usable answer. The order may or may not exist there; it is "
        "being looked for and never sent again.",
    )
