"""What can be set for every vendor that is asked by REST."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from cockpit.adapters.addresses import encrypted
from cockpit.kernel.settings import SettingsModel

Address = Annotated[str, AfterValidator(encrypted)]


class RestSettings(SettingsModel):
    """How patient we are with a vendor.

    A connection is waited for `connect_timeout_s`, an answer as a whole for `answer_timeout_s`.
    One of more than `max_answer_mb` is refused while it comes in. `ca_file` names authorities
    (PEM) whose certificates are believed besides the usual ones.
    """

    connect_timeout_s: float = Field(default=5.0, gt=0)
    answer_timeout_s: float = Field(default=20.0, gt=0)
    max_answer_mb: int = Field(default=32, gt=0)
    ca_file: Path | None = None
