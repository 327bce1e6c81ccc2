"""Signing in at Robinhood without hands: tokens out of the vault, renewed before they end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from cockpit.adapters.brokers.asking import FAILURES, VenueRefusalError
from cockpit.adapters.brokers.bodies import UnreadableError, decoded
from cockpit.adapters.brokers.robinhood.approval import Approval
from cockpit.adapters.brokers.robinhood.faults import auth_failed, failure
from cockpit.adapters.brokers.robinhood.lines import Lines
from cockpit.adapters.brokers.robinhood.tokens import Person, Safe, Tokens
from cockpit.adapters.brokers.robinhood.wire import WireSignIn
from cockpit.adapters.brokers.workers import HeldBackError
from cockpit.adapters.secrets.totp import one_time_code
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import BrokerError
from cockpit.ports.clock import Clock
from cockpit.ports.vault import VaultError

if TYPE_CHECKING:
    from cockpit.adapters.brokers.robinhood.sdk import Answer

_log = structlog.get_logger(__name__)
CLIENT_ID = "c82SH0WZOsabOXGP2sxqcj34FxkvfnWRZBKlBjFS"
"""What Robinhood's own page calls itself: no secret, and the same for everybody."""

_TOKEN = "/oauth2/token/"  # noqa: S105 -- an address
_LASTS_S = 86_400
_DEFINITE = (400, 401, 403)
_STEPS = 6
_FIRST_WAIT_S, _LONGEST_WAIT_S = 2.0, 300.0


class SignIn:
    """Gives the token to ask with. One at a time signs in; a refusal ends all trying."""

    def __init__(self, *, safe: Safe, clock: Clock, renew_before_s: float) -> None:
        self._safe = safe
        self._clock = clock
        self._renew_before_ns = round(renew_before_s * SECOND)
        self._lock = asyncio.Lock()
        self._tokens: Tokens | None = None
        self._refused: BrokerError | None = None
        self._wait_s = self._not_before_ns = 0.0
        self._lines: Lines | None = None
        self._approval: Approval | None = None

    def use(self, lines: Lines, approval: Approval) -> None:
        """Talk over these lines."""
        self._lines, self._approval = lines, approval

    @property
    def ends_ns(self) -> int | None:
        """Until when the sign-in holds; None while there is none."""
        return None if self._tokens is None else self._tokens.ends_ns

    async def token(self, refused: str | None) -> str:
        """The token to ask with, another one than what was `refused`.

        Raises BrokerError: AUTH_FAILED when a person is needed, AUTH_MISSING when nothing is
        stored. NoAnswerError and its like when Robinhood could not be asked.
        """
        async with self._lock:
            if self._refused is not None:
                raise self._refused
            if not self._serve(self._tokens, refused):
                self._tokens = await self._safe.tokens()  # another program may have renewed it
            if self._tokens is not None and self._serve(self._tokens, refused):
                return self._tokens.access
            self._hold_back()
            try:
                self._tokens = await self._signed_in(self._tokens)
            except BrokerError as error:
                if error.code == "AUTH_FAILED":
                    self._refused = error  # a wrong password tried on and on locks the account
                raise
            except FAILURES as error:
                self._wait_longer(error)
                raise
            self._wait_s = self._not_before_ns = 0.0
            await self._safe.keep(self._tokens)
            return self._tokens.access

    def _hold_back(self) -> None:
        wait_s = (self._not_before_ns - self._clock.now_ns()) / SECOND
        if wait_s > 0:
            raise HeldBackError(f"the next sign-in is tried in {wait_s:.0f} s")

    def _wait_longer(self, error: Exception) -> None:
        asked_s = error.retry_after_s if isinstance(error, VenueRefusalError) else 0.0
        self._wait_s = min(_LONGEST_WAIT_S, max(_FIRST_WAIT_S, 2 * self._wait_s))
        self._not_before_ns = self._clock.now_ns() + max(self._wait_s, asked_s) * SECOND

    def _serve(self, tokens: Tokens | None, refused: str | None) -> bool:
        if tokens is None or tokens.access == refused:
            return False
        return self._clock.now_ns() + self._renew_before_ns < tokens.ends_ns

    async def _signed_in(self, before: Tokens | None) -> Tokens:
        device = await self._safe.device()
        if before is not None and before.refresh:
            renewed = await self._renewed(before, device)
            if renewed is not None:
                return renewed
            await self._safe.forget()
            self._tokens = None
        person = await self._safe.person()
        if person is None:
            raise BrokerError(
                "no name or password in the vault",
                user_text="The vault holds no Robinhood name and password for this account, so "
                "Cockpit did not sign in. Store them with: cockpit accounts add NAME --broker "
                "robinhood --mode live.",
                code="AUTH_MISSING",
            )
        return await self._by_password(person, device)

    async def _renewed(self, before: Tokens, device: str) -> Tokens | None:
        """A sign-in from the last one; None when Robinhood wants the password again."""
        fields = _common(device) | {"grant_type": "refresh_token", "refresh_token": before.refresh}
        answer = await self._post(fields)
        told = _told(answer)
        if told.access_token:
            return self._taken(told, before.refresh)
        if answer.status in _DEFINITE:
            _log.info("sign_in_not_renewed", status=answer.status)
            return None
        raise failure(answer.status, answer.body, {"Retry-After": f"{answer.retry_after_s:.0f}"})

    async def _by_password(self, person: Person, device: str) -> Tokens:
        fields = _common(device) | {
            "grant_type": "password",
            "username": person.username,
            "password": person.password,
            "try_passkeys": "False",
            "token_request_path": "/login",
            "create_read_only_secondary_token": "True",
        }
        for _ in range(_STEPS):
            answer = await self._post(fields)
            told = _told(answer)
            if told.access_token:
                return self._taken(told, "")
            if told.mfa_required and "mfa_code" not in fields:
                fields["mfa_code"] = self._one_time(person, told.mfa_type)
            elif told.verification_workflow is not None:
                await self._approve(told.verification_workflow.id, device)
                fields.pop("mfa_code", None)  # a code is old by now
            else:
                raise _not_let_in(answer, told)
        raise UnreadableError("the sign-in asks for one thing after the other, without end")

    async def _approve(self, workflow_id: str, device: str) -> None:
        if self._approval is None:
            raise RuntimeError("a sign-in has nobody to ask")
        await self._approval.wait(workflow_id, device)

    def _one_time(self, person: Person, kind: str) -> str:
        if not person.totp:
            raise auth_failed(
                f"mfa by {kind}",
                "it wants a one-time code, and the vault holds no authenticator key for it",
                "Add the key that Robinhood shows for an authenticator app to the account, then "
                "start again.",
            )
        try:
            return one_time_code(person.totp, self._clock.now_ns())
        except VaultError as error:
            step = "Store the key again, as Robinhood shows it."
            raise auth_failed(str(error), error.user_text, step) from error

    def _taken(self, told: WireSignIn, refresh: str) -> Tokens:
        lasts_s = told.expires_in or _LASTS_S
        ends_ns = self._clock.now_ns() + round(lasts_s * SECOND)
        return Tokens(told.access_token or "", told.refresh_token or refresh, ends_ns)

    async def _post(self, fields: dict[str, str]) -> Answer:
        if self._lines is None:
            raise RuntimeError("a sign-in has no line")
        return await self._lines.sign_in(_TOKEN, fields)


def _common(device: str) -> dict[str, str]:
    return {
        "client_id": CLIENT_ID,
        "device_token": device,
        "expires_in": str(_LASTS_S),
        "scope": "internal",
    }


def _told(answer: Answer) -> WireSignIn:
    """What the answer says; a page of HTML is no word of Robinhood's."""
    try:
        return decoded(answer.body, WireSignIn)
    except UnreadableError:
        raise failure(answer.status, b"", {}) from None


def _not_let_in(answer: Answer, told: WireSignIn) -> Exception:
    if answer.status in _DEFINITE:
        why = (told.detail or "it gave no reason").rstrip(".")
        step = "Check name, password and authenticator key in the vault, then start again."
        return auth_failed(f"sign-in refused, HTTP {answer.status}", f"it says: {why}", step)
    return failure(answer.status, answer.body, {"Retry-After": f"{answer.retry_after_s:.0f}"})
