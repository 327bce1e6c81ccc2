"""What can go wrong at Robinhood, before it is put in the words of the port."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.workers import HeldBackError, NoAnswerError
from cockpit.ports.broker import BrokerError, NotSentError

READ_ONLY = (
    "Robinhood is read-only here: Cockpit never sends, changes or cancels an order there. Nothing "
    "was sent. Use Robinhood's own app."
)


class WriteRefusedError(BaseException):
    """Something other than a question was about to leave; not a byte of it went out.

    No Exception: the SDK swallows those around its writes and goes on as if nothing was.
    """


class VenueRefusalError(Exception):
    """Robinhood said no in its own words.

    Not one of the errors of `requests`: the SDK turns those into an empty list.
    """

    def __init__(self, status: int, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status
        self.message = message
        self.retry_after_s = retry_after_s


FAILURES = (NoAnswerError, VenueRefusalError, HeldBackError, UnreadableError)
_CODES = {401: "AUTH_FAILED", 403: "BROKER_REFUSED", 429: "BROKER_RATE_LIMIT"}


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
    wait = headers.get("Retry-After", "")
    return VenueRefusalError(status, why.rstrip("."), float(wait) if wait.isdecimal() else 0.0)


def of_query(error: Exception, what: str) -> BrokerError:
    """What a failed question means; it is never an empty answer."""
    if isinstance(error, VenueRefusalError):
        why, code = error.message, _CODES.get(error.status, "BROKER_REFUSED")
    elif isinstance(error, HeldBackError):
        why, code = str(error), "BROKER_HELD_BACK"
    else:
        why, code = f"there was no usable answer ({error})", "BROKER_NO_ANSWER"
    return BrokerError(
        f"{what}: {error}",
        user_text=f"Robinhood could not be asked about {what}: {why}. What is known here stays as "
        "it is; it is asked again.",
        code=code,
    )


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
