"""The error root of this room: the message is for the log, `user_text` for the screen."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class UiError(CockpitError):
    """The window could not do what was asked."""

    code = "UI_ERROR"
