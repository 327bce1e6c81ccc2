"""Where the owner's voice rules lie, and how they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from cockpit.kernel.folders import config_file
from cockpit.ports.health import Check, CheckState
from cockpit.recap.rulebook import FILE, RuleBook


def rules_beside(config: Path | None) -> RuleBook:
    """The rules beside the settings file: the one named, else the usual one."""
    return RuleBook((config or config_file()).parent / FILE)


class VoiceChecks:
    """Implements `ports.health.Checked`. Never hinders arming: orders need no voice."""

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules

    async def checks(self) -> Sequence[Check]:
        """Whether the owner's rules hold, or those that ship."""
        held = await asyncio.to_thread(self._rules.read)
        if held.trouble:
            step = "Mend the file, or save the rules anew: File > Voice rules."
            return (
                Check(
                    name="voice rules",
                    state=CheckState.WARNING,
                    found=held.trouble,
                    next_step=step,
                ),
            )
        revision = held.voice.revision
        found = f"Yours hold: revision {revision}." if revision else "Those that ship hold."
        return (Check(name="voice rules", state=CheckState.OK, found=found),)
