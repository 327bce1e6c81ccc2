"""How many of the prices that came in were not believed, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cockpit.market.quality import Quality
from cockpit.ports.health import Check, CheckState

_FEWEST = 20
_MUCH = 0.01


class PriceChecks:
    """Implements `ports.health.Checked`. A source that lies in one row of a hundred is said."""

    def __init__(self, quality: Quality) -> None:
        self._quality = quality

    async def checks(self) -> Sequence[Check]:
        """One: what was set aside, and what passed with a flag."""
        quality = self._quality
        refused = quality.quarantined
        rows = quality.accepted + refused
        much = refused >= _FEWEST and not refused <= rows * _MUCH
        found = f"{rows:,} rows came, {refused:,} were set aside{_words(quality.counts)}."
        if flagged := quality.flagged:
            found += f" Passed with a flag{_words(flagged)}."
        return (
            Check(
                name="prices set aside",
                state=CheckState.WARNING if much else CheckState.OK,
                found=found,
                next_step="Look at them: View, Prices set aside, or cockpit data quality. A price "
                "that is set aside leaves the old one, which goes grey."
                if much
                else "",
            ),
        )


def _words(counts: Mapping[str, int]) -> str:
    named = sorted(counts.items(), key=lambda each: -each[1])
    return f": {', '.join(f'{count:,} {rule}' for rule, count in named)}" if named else ""
