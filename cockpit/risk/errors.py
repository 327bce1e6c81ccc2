"""The error root of the risk room."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class RiskError(CockpitError):
    """Root of what this package raises: something that can't be reckoned with was given.

    It denies no order, so it has no code beside those of the controls.
    """
