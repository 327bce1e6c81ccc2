"""What can be set for Alpaca, in the section `[brokers.alpaca]`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from cockpit.adapters.addresses import encrypted
from cockpit.domain.account import Mode
from cockpit.kernel.settings import SettingsModel

_REST = {
    Mode.PAPER: "https://paper-api.alpaca.markets",
    Mode.LIVE: "https://api.alpaca.markets",
}
_STREAM = {
    Mode.PAPER: "wss://paper-api.alpaca.markets/stream",
    Mode.LIVE: "wss://api.alpaca.markets/stream",
}


class AlpacaSettings(SettingsModel):
    """Where Alpaca is, how long to wait for it, and how much may be asked of it.

    The keys are not settings: the vault holds them, under the account's name.
    Without an address of its own a session goes to the venue's paper or live one, by the
    account. An answer is waited for `answer_timeout_s`; a stream that says nothing for
    `quiet_s` must answer a ping within the same time. Of `requests_per_minute` the last
    `rate_reserve` are for cancels and for comparing the books. The lines that orders go over are
    used every `keep_warm_s`, so that none of them has to be opened first; 0 leaves them alone.
    `ca_file` names authorities (PEM) whose certificates are believed besides the usual ones.
    """

    trading_url: str | None = None
    trading_stream_url: str | None = None
    data_url: str = "https://data.alpaca.markets"
    data_stream_url: str = "wss://stream.data.alpaca.markets"
    feed: Literal["iex", "sip", "delayed_sip"] = "iex"
    connect_timeout_s: float = Field(default=3.0, gt=0)
    answer_timeout_s: float = Field(default=10.0, gt=0)
    quiet_s: float = Field(default=5.0, gt=0)
    reconnect_max_s: float = Field(default=30.0, gt=0)
    requests_per_minute: int = Field(default=200, gt=0)
    rate_reserve: int = Field(default=40, ge=0)
    keep_warm_s: float = Field(default=45.0, ge=0)
    ca_file: Path | None = None

    @field_validator("trading_url", "trading_stream_url", "data_url", "data_stream_url")
    @classmethod
    def _encrypted(cls, address: str | None) -> str | None:
        return None if address is None else encrypted(address)

    def why_not(self, mode: Mode) -> str:
        """Why an account of `mode` can't be had at these addresses; empty when it can."""
        addresses = (self.trading_url, self.trading_stream_url)
        given = {urlsplit(address).hostname for address in addresses if address}
        for other, url in _REST.items():
            if other is not mode and urlsplit(url).hostname in given:
                return f"the settings lead to Alpaca's {other.value} venue"
        return ""

    def rest_url(self, mode: Mode) -> str:
        """Where orders go."""
        return self.trading_url or _REST[mode]

    def stream_url(self, mode: Mode) -> str:
        """Where order updates come from."""
        return self.trading_stream_url or _STREAM[mode]
