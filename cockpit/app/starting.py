"""What `cockpit run` starts, by the settings; the same for a command that starts it unseen."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from cockpit.app import registry
from cockpit.app.launch import START_AT, Launch, Speed
from cockpit.app.settings import AppSettings, settings_file
from cockpit.domain.account import Mode
from cockpit.domain.values import session_date
from cockpit.kernel import settings
from cockpit.kernel.clock import WallClock
from cockpit.kernel.settings import SettingsError


def launch_of_settings(
    data_dir: Path,
    config: Path | None,
    *,
    mode: Mode | None = None,
    speed: Speed | None = None,
    new_account: bool = False,
    interactive: bool = True,
    verbose: bool = False,
) -> Launch:
    """A session with the broker and feed of the settings; `mode` goes over theirs.

    Raises SettingsError and PluginError.
    """
    own = settings.load(AppSettings, toml=settings_file(config))
    mode = _mode(own, mode or (Mode(own.mode) if own.mode else None))
    if new_account and mode is not Mode.PAPER:
        raise SettingsError(
            f"a new account in {mode}",
            user_text=f"Only a paper account lasts and can be begun anew; this is {mode.value}. "
            "Nothing was started. Add --mode paper, or leave out --new-paper-account.",
        )
    return Launch(
        mode=mode,
        data_dir=data_dir,
        feed=own.feed,
        options={"day": last_weekday(), "start": START_AT} if mode is Mode.DEMO else {},
        config=config,
        speed=speed,
        new_account=new_account,
        interactive=interactive,
        verbose=verbose,
    )


def _mode(own: AppSettings, wanted: Mode | None) -> Mode:
    """What a session on the feed is; on the simulated market it can be a demo or paper."""
    of_feed = registry.find("feeds", own.feed).mode
    if wanted in (None, of_feed):
        return of_feed
    if (of_feed, wanted) == (Mode.DEMO, Mode.PAPER):
        return wanted
    raise SettingsError(
        f"{wanted} on {own.feed}",
        user_text=f"A session on the feed {own.feed!r} is {of_feed.value}, it can't be "
        f"{wanted.value}. Nothing was started. Choose another feed or mode.",
    )


def last_weekday() -> date:
    """Today, or the Friday before a weekend."""
    day = session_date(WallClock().now_ns())
    return day - timedelta(days=max(0, day.weekday() - 4))
