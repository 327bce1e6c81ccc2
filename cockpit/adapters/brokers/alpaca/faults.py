"""What can go wrong on the line, before it is put in the words of the port."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.workers import HeldBackError, NoAnswerError
from cockpit.ports.broker import BrokerError, OrderRejectedError, SubmitUnknownError

__all__ = [
    "HeldBackError",
    "NoAnswerError",
    "UnreadableError",
    "VenueRefusalError",
    "failure",
    "of_query",
    "of_submit",
]

DEFINITE = frozenset({400, 401, 403, 422, 429})
"""With the venue's own words in it, an answer of these means that nothing was taken in."""

_NOT_UNIQUE = "client_order_id must be unique"
_ORDER_CODES = {401: "VENUE_AUTH", 429: "VENUE_RATE_LIMIT"}
_QUERY_CODES = {401: "AUTH_FAILED", 403: "AUTH_FAILED", 429: "BROKER_RATE_LIMIT"}


class VenueRefusalError(Exception):
    """The venue said no in its own words."""

    def __init__(self, status: int, code: int | None, message: str, retry_after_s: float) -> None:
        super().__init__(f"HTTP {status}: {message} ({code})")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s

    @property
    def definite(self) -> bool:
        """True when nothing was taken in, for certain."""
        return self.status in DEFINITE

    @property
    def id_was_used(self) -> bool:
        """True when the venue already has an order of this client order id."""
        return _NOT_UNIQUE in self.message.lower()


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
    return VenueRefusalError(status, told.code, told.message, _seconds(headers.get("Retry-After")))


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0


def of_submit(error: Exception) -> OrderRejectedError | SubmitUnknownError:
    """What a failed send means for the order."""
    if isinstance(error, VenueRefusalError) and error.definite:
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


def of_query(error: Exception, what: str) -> BrokerError:
    """What a failed query or cancel means; it is never an empty answer."""
    if isinstance(error, VenueRefusalError):
        why, code = error.message, _QUERY_CODES.get(error.status, "BROKER_REFUSED")
    elif isinstance(error, HeldBackError):
        why, code = str(error), "BROKER_HELD_BACK"
    else:
        why, code = f"there was no usable answer ({error})", "BROKER_NO_ANSWER"
    return BrokerError(
        f"{what}: {error}",
        user_text=f"Alpaca could not be asked about {what}: {why}. What is known here stays as it "
        "is; it is asked again.",
        code=code,
    )
