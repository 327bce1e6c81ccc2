"""What `cockpit run` starts, by the settings; the same for a command that starts it unseen."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from cockpit.app import registry
from cockpit.app.launch import START_AT, Launch
from cockpit.app.settings import AppSettings, settings_file
from cockpit.domain.account import Mode
from cockpit.domain.values import session_date
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock


def launch_of_settings(data_dir: Path, config: Path | None, *, verbose: bool = False) -> Launch:
    """A session with the broker and feed of the settings.

    Raises SettingsError and PluginError.
    """
    own = settings.load(AppSettings, toml=settings_file(config))
    mode = registry.find("feeds", own.feed).mode
    return Launch(
        mode=mode,
        data_dir=data_dir,
        feed=own.feed,
        options={"day": last_weekday(), "start": START_AT} if mode is Mode.DEMO else {},
        config=config,
        verbose=verbose,
    )


def last_weekday() -> date:
    """Today, or the Friday before a weekend."""
    day = session_date(WallClock().now_ns())
    return day - timedelta(days=max(0, day.weekday() - 4))
