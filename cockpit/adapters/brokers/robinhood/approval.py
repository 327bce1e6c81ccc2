"""The question to a person: may this computer sign in? Asked by Robinhood, in its own app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cockpit.adapters.brokers.bodies import decoded
from cockpit.adapters.brokers.robinhood.faults import auth_failed
from cockpit.adapters.brokers.robinhood.lines import Lines
from cockpit.adapters.brokers.robinhood.settings import RobinhoodSettings
from cockpit.adapters.brokers.robinhood.wire import (
    WireChallenge,
    WireInquiry,
    WireMachine,
    WirePrompt,
)
from cockpit.adapters.brokers.workers import NoAnswerError
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import BrokerError
from cockpit.ports.clock import Clock

Told = Callable[[int], None]
"""Called once, with when (ns UTC) the person must have answered."""

_APPROVED = "workflow_status_approved"
_DENIED = ("denied", "failed", "expired", "redeemed")


class Approval:
    """Waits until the person has approved, and never longer than the settings say."""

    def __init__(self, lines: Lines, clock: Clock, settings: RobinhoodSettings, told: Told) -> None:
        self._lines = lines
        self._clock = clock
        self._settings = settings
        self._told = told

    async def wait(self, workflow_id: str, device: str) -> None:
        """Return when Robinhood lets this computer in; nothing but its own word counts.

        Raises BrokerError with code AUTH_FAILED when the person refused or the time is over.
        """
        ends_ns = self._clock.now_ns() + round(self._settings.approval_within_s * SECOND)
        machine = await self._machine(workflow_id, device)
        self._told(ends_ns)
        while True:
            try:
                if await self._approved(machine):
                    return
            except NoAnswerError:
                pass  # one lost answer is no refusal; the time still runs
            await self._pause(ends_ns)

    async def _machine(self, workflow_id: str, device: str) -> str:
        fields: dict[str, Any] = {
            "device_id": device,
            "flow": "suv",
            "input": {"workflow_id": workflow_id},
        }
        answer = await self._lines.sign_in("/pathfinder/user_machine/", fields, as_json=True)
        return decoded(answer.body, WireMachine).id

    async def _approved(self, machine: str) -> bool:
        path = f"/pathfinder/inquiries/{machine}/user_view/"
        seen = await self._lines.ask_unsigned(path, WireInquiry)
        challenge = None if seen.context is None else seen.context.sheriff_challenge
        if challenge is not None and not await self._met(challenge):
            return False
        fields: dict[str, Any] = {"sequence": 0, "user_input": {"status": "continue"}}
        answer = await self._lines.sign_in(path, fields, as_json=True)
        result = decoded(answer.body, WireInquiry).type_context
        return result is not None and result.result == _APPROVED

    async def _met(self, challenge: WireChallenge) -> bool:
        status = challenge.status
        if challenge.type == "prompt":
            path = f"/push/{challenge.id}/get_prompts_status/"
            status = (await self._lines.ask_unsigned(path, WirePrompt)).challenge_status
        elif status != "validated":
            raise auth_failed(
                f"challenge by {challenge.type}",
                f"Robinhood wants a code that it sends by {challenge.type}",
                "Turn on device approvals or an authenticator app in Robinhood's security "
                "settings, then start again.",
            )
        if status in _DENIED:
            raise auth_failed(
                f"challenge {status}",
                "this computer was not approved in Robinhood's app",
                "Start again when you want to approve it.",
            )
        return status == "validated"

    async def _pause(self, ends_ns: int) -> None:
        """Wait for the next question. Raises BrokerError when the time is over."""
        left_s = (ends_ns - self._clock.now_ns()) / SECOND
        if left_s <= 0:
            raise _too_late()
        await self._clock.sleep(min(self._settings.approval_poll_s, left_s))


def _too_late() -> BrokerError:
    return auth_failed(
        "approval timed out",
        "nobody approved this computer in time",
        "Open Robinhood's app, then start again and approve it there.",
    )
