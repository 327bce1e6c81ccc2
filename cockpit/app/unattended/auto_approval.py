"""Decides proposals the same way every time, for unattended replays."""

from __future__ import annotations

from cockpit.app.commands import Commands
from cockpit.app.launch import Approve
from cockpit.domain.events import ApprovalRequested
from cockpit.kernel.bus import Bus


class AutoApproval:
    """Approves or kills every request as it comes. Simulated modes only."""

    def __init__(self, bus: Bus, commands: Commands, decision: Approve) -> None:
        self._commands = commands
        self._decision = decision
        bus.subscribe(ApprovalRequested, self._on_request, name="auto-approval")

    def _on_request(self, event: ApprovalRequested) -> None:
        decide = self._commands.approve if self._decision is Approve.ALL else self._commands.kill
        self._commands.run(decide(event.request.request_id), f"{self._decision}-proposals")
