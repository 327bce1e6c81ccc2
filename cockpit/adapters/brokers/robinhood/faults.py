"""What can go wrong at Robinhood, before it is put in the words of the port."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.adapters.brokers.asking import Asking, VenueRefusalError, seconds_of
from cockpit.adapters.brokers.workers import NoAnswerError
from cockpit.ports.broker import BrokerError, NotSentError

READ_ONLY = (
    "Robinhood is read-only here: Cockpit never sends, changes or cancels an order there. Nothing "
    "was sent. Use Robinhood's own app."
)


class WriteRefusedError(BaseException):
    """Something other than a question was about to leave; not a byte of it went out.

    No Exception: the SDK swallows those around its writes and goes on as if nothing was.
    """


ROBINHOOD = Asking(
    "Robinhood", {401: "AUTH_FAILED", 403: "BROKER_REFUSED", 429: "BROKER_RATE_LIMIT"}
)


class _Told(msgspec.Struct):
    detail: str | None = None
    error_description: str | None = None
    error: str | None = None


def failure(
    status: int, body: bytes, headers: Mapping[str, str]
) -> VenueRefusalError | NoAnswerError:
    """What an answer other than 2xx means; only Robinhood's own words make it a refusal."""
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return NoAnswerError(f"HTTP {status} without Robinhood's own words")
    why = told.detail or told.error_description or told.error or f"HTTP {status}"
    return VenueRefusalError(status, why.rstrip("."), seconds_of(headers.get("Retry-After")))


def not_sent() -> NotSentError:
    """The answer to every order."""
    return NotSentError("read-only", user_text=READ_ONLY, code="BROKER_READ_ONLY")


def no_change(what: str) -> BrokerError:
    """The answer to every cancel."""
    return BrokerError(f"{what}: read-only", user_text=READ_ONLY, code="BROKER_READ_ONLY")


def auth_failed(internal: str, why: str, next_step: str) -> BrokerError:
    """A person is needed before anything can be asked."""
    return BrokerError(
        internal,
        user_text=f"Cockpit can't sign in at Robinhood: {why}. Nothing was lost. {next_step}",
        code="AUTH_FAILED",
    )
