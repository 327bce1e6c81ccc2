"""What the recap room raises."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class RecapError(CockpitError):
    """Root of this package's errors."""

    code = "RECAP_ERROR"


class VoiceError(RecapError):
    """The file of voice rules can't be used."""

    code = "RECAP_VOICE"


class ExportError(RecapError):
    """A recap could not be written to a file; `user_text` says the way out."""

    code = "RECAP_EXPORT"
