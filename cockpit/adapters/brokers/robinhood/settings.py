"""What can be set for Robinhood, in the section `[brokers.robinhood]`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from cockpit.kernel.settings import SettingsModel

_ON_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class RobinhoodSettings(SettingsModel):
    """Which account is read, where, how often, and how long an answer is waited for.

    Name, password and tokens are not settings: the vault holds them, under the account's name.
    `account_number` is needed where the sign-in opens several accounts. Orders
    are looked at every `poll_s`, as Robinhood tells nothing by itself. A person has
    `approval_within_s` to approve this computer; that is asked for every `approval_poll_s`. A
    sign-in is renewed `renew_before_s` before it ends. `ca_file` names authorities (PEM) whose
    certificates are believed besides the usual ones.
    """

    account_number: str | None = None
    url: str = "https://api.robinhood.com"
    connect_timeout_s: float = Field(default=3.0, gt=0)
    answer_timeout_s: float = Field(default=10.0, gt=0)
    poll_s: float = Field(default=15.0, gt=0)
    approval_within_s: float = Field(default=120.0, gt=0)
    approval_poll_s: float = Field(default=5.0, gt=0)
    renew_before_s: float = Field(default=1800.0, gt=0)
    ca_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _encrypted(cls, address: str) -> str:
        """The password goes over this line: it leaves the machine encrypted or not at all."""
        parts = urlsplit(address)
        local = parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE
        if not parts.hostname or not (parts.scheme == "https" or local):
            raise ValueError("must be an https address (http on this machine only)")
        return address.rstrip("/")
