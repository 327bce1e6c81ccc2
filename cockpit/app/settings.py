"""The cockpit's own settings; plug-ins bring theirs in sections of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from cockpit.domain.account import Mode
from cockpit.domain.approval import Autonomy
from cockpit.kernel.folders import config_file
from cockpit.kernel.settings import SettingsError, SettingsModel, read_toml
from cockpit.market.rules import Action


class AppSettings(SettingsModel):
    """Top level of `cockpit.toml`. `autonomy` maps a strategy to how far it may go alone.

    `mode` is that of `cockpit run`; none takes what the feed or account is made for. `account`
    names a stored account of the broker, see `cockpit accounts list`; none takes the only one.
    `standby_feeds` serve prices in their order while `feed` is down; none for a simulated market.
    """

    mode: Literal["demo", "paper", "live"] | None = None
    broker: str = "paper"
    account: str = ""
    feed: str = "synthetic"
    standby_feeds: tuple[str, ...] = ()
    writer: str = "template"
    active_strategies: tuple[str, ...] = ("opening-range-breakout",)
    autonomy: dict[str, Autonomy] = Field(default_factory=dict)
    bar_seconds: int = Field(default=60, ge=1, le=3600)
    disarm_after_idle_s: int = Field(default=900, ge=10, le=86_400)

    def autonomy_of(self, strategy: str) -> Autonomy:
        """What `strategy` may do; asking a person first unless set otherwise."""
        return self.autonomy.get(strategy, Autonomy.APPROVE)


class QualitySettings(SettingsModel):
    """Section `[quality]`: what becomes of a doubtful row that still holds a market."""

    stale: Action = Action.FLAG
    wide: Action = Action.FLAG
    outlier: Action = Action.QUARANTINE
    split_like: Action = Action.FLAG


class JournalSettings(SettingsModel):
    """Section `[journal]`: what the editor of an entry offers to tick off, in this order.

    `pictures` keeps the chart as it was when a trade opened and closed.
    """

    pictures: bool = True

    rules: tuple[str, ...] = (
        "Planned before entry",
        "Stop set before entry",
        "Size within the plan",
        "Held to the plan",
    )
    checklist: tuple[str, ...] = (
        "Levels marked",
        "News and halts checked",
        "Limits looked at",
    )
    mistakes: tuple[str, ...] = (
        "Chased",
        "Too large",
        "Moved the stop",
        "Out too early",
        "Revenge trade",
    )


def settings_file(named: Path | None) -> dict[str, Any]:
    """The settings file as nested dicts: the one named, else the usual one if there is one.

    Raises SettingsError when it can't be read, and when a named one is missing: to go on
    without it would be to trade with other limits than asked for.
    """
    if named is not None and not named.is_file():
        raise SettingsError(
            f"{named} is no file",
            user_text=f"There is no settings file {named}. Nothing was started; correct --config.",
        )
    return read_toml(named or config_file())


class TapeSettings(SettingsModel):
    """Section `[tape]`. `record`: "auto" records paper and live sessions.

    A tape goes when it is older than `keep_days`, or the oldest first while all together
    are over `budget_mb`; `free_mb` of the disk are left for the ledger.
    """

    record: Literal["auto", "always", "never"] = "auto"
    keep_days: int = Field(default=90, ge=1, le=36_500)
    budget_mb: int = Field(default=4_000, ge=1)
    free_mb: int = Field(default=500, ge=0)

    def wanted(self, mode: Mode) -> bool:
        """True when a session of `mode` is to be recorded."""
        return self.record == "always" or (self.record == "auto" and not mode.simulated)
