"""What a question that failed means, alike for each vendor that is asked over REST."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from cockpit.adapters.brokers.bodies import UnreadableError
from cockpit.adapters.brokers.workers import CertificateError, HeldBackError, NoAnswerError
from cockpit.ports.broker import BrokerError

T = TypeVar("T")
_ASKED_AGAIN = "What is known here stays as it is; it is asked again."


class VenueRefusalError(Exception):
    """The vendor said no in its own words.

    Not one of the errors of `requests`: an SDK may turn those into an empty list. `code` is
    the vendor's own number for it, where it has one.
    """

    def __init__(
        self, status: int, message: str, retry_after_s: float = 0.0, code: int | None = None
    ) -> None:
        super().__init__(
            f"HTTP {status}: {message}" if code is None else f"HTTP {status}: {message} ({code})"
        )
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


FAILURES = (NoAnswerError, VenueRefusalError, HeldBackError, UnreadableError)


def seconds_of(retry_after: str | None) -> float:
    """How long a Retry-After header asks to wait; 0 where it says nothing usable."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0


@dataclass(frozen=True, slots=True)
class Asking:
    """Puts the failures of one vendor's line in the words of the port.

    `codes` names what a refusal of an HTTP status means here; of any other it is BROKER_REFUSED.
    """

    vendor: str
    codes: Mapping[int, str]

    def failed(self, error: Exception, what: str, *, signing_in: bool = False) -> BrokerError:
        """What a failed question or cancel means; it is never an empty answer.

        A sign-in is tried by a person, and so tried again by nobody else.
        """
        if isinstance(error, VenueRefusalError):
            why, code = error.message, self.codes.get(error.status, "BROKER_REFUSED")
        elif isinstance(error, CertificateError):
            why, code = f"{error}. {self.no_trust}", "BROKER_CERTIFICATE"
        elif isinstance(error, HeldBackError):
            why, code = str(error), "BROKER_HELD_BACK"
        else:
            why, code = f"there was no usable answer ({error})", "BROKER_NO_ANSWER"
        return BrokerError(
            f"{what}: {error}",
            user_text=f"{self.vendor} could not be asked about {what}: {why}. "
            + (self._try_again if signing_in else _ASKED_AGAIN),
            code=code,
        )

    @property
    def no_trust(self) -> str:
        """What to do about a certificate that is not trusted."""
        return (
            "No key was sent. Somebody may listen on the line. If a program of yours looks into "
            f"it, name its authority: ca_file under [brokers.{self.vendor.lower()}]"
        )

    @property
    def _try_again(self) -> str:
        return (
            f"Cockpit is not signed in. Look at your network and at {self.vendor}'s status, then "
            "try again."
        )

    async def asked(self, what: str, answer: Awaitable[T], *, signing_in: bool = False) -> T:
        """The answer. Raises BrokerError for each of `FAILURES`."""
        try:
            return await answer
        except FAILURES as error:
            raise self.failed(error, what, signing_in=signing_in) from error

    def read(self, what: str, read: Callable[[], T]) -> T:
        """What `read` makes of an answer. Raises BrokerError for what it can't read."""
        try:
            return read()
        except UnreadableError as error:
            raise self.failed(error, what) from error
