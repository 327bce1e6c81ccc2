"""What `cockpit run` starts, by the settings; the same for a command that starts it unseen."""

from __future__ import annotations

from datetime import date, time, timedelta
from pathlib import Path

from cockpit.app.launch import DEMO_FOLDER, START_AT, STORE_NAME, Launch, Speed
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.signing.accounts import AccountBook
from cockpit.app.signing.choosing import choose, without_accounts
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
    broker: str = "",
    account: str = "",
    confirmed: str = "",
    speed: Speed | None = None,
    new_account: bool = False,
    interactive: bool = True,
    verbose: bool = False,
) -> Launch:
    """A session with the broker, feed and account of the settings; what is given goes over them.

    `confirmed` is the account's name as a person typed it, for real money. Raises
    SettingsError, PluginError and AccountError.
    """
    own = settings_of(config)
    choice = choose(own, AccountBook(data_dir), broker=broker, account=account, mode=mode)
    stored = choice.account
    if new_account and (choice.mode is not Mode.PAPER or stored is not None):
        kind = choice.mode.value if stored is None else f"an account at {choice.broker}"
        raise SettingsError(
            f"a new account in {kind}",
            user_text="Only the paper broker's own account lasts and can be begun anew; this is "
            f"{kind}. Nothing was started. Add --mode paper, or leave out --new-paper-account.",
        )
    return Launch(
        mode=choice.mode,
        data_dir=data_dir,
        broker=choice.broker,
        feed=choice.feed,
        account="" if stored is None else stored.name,
        opens="" if stored is None else stored.opens,
        confirmed=confirmed,
        options={"day": last_weekday(), "start": START_AT} if choice.mode is Mode.DEMO else {},
        config=config,
        speed=speed,
        new_account=new_account,
        interactive=interactive,
        verbose=verbose,
        first=_is_first(own, data_dir) and (mode, broker, account, speed) == (None, "", "", None),
    )


def _is_first(own: AppSettings, data_dir: Path) -> bool:
    """Nothing was chosen in the settings, and nothing is in the data folder."""
    chosen = own.model_fields_set & {"mode", "broker", "account", "feed"}
    stored = (data_dir / STORE_NAME).exists() or bool(AccountBook(data_dir).records())
    return not chosen and not stored


def demo_of(launch: Launch) -> Launch:
    """The demo in the place of `launch`, as `cockpit demo` starts it."""
    return demo_launch(
        launch.data_dir / DEMO_FOLDER,
        home=launch.data_dir,
        config=launch.config,
        verbose=launch.verbose,
    )


def demo_launch(
    data_dir: Path,
    *,
    day: date | None = None,
    start: str | time = START_AT,
    seed: int = 7,
    speed: Speed | None = 1.0,
    home: Path | None = None,
    config: Path | None = None,
    verbose: bool = False,
) -> Launch:
    """A simulated market with practice money in `data_dir`; `home` keeps the accounts.

    Raises SettingsError and PluginError.
    """
    return Launch(
        mode=Mode.DEMO,
        data_dir=data_dir,
        home=home,
        feed="synthetic",
        options={"day": day or last_weekday(), "seed": seed, "start": start},
        broker=without_accounts(settings_of(config)),
        broker_options={"seed": seed},
        strategies=("opening-range-breakout",),
        speed=speed,
        config=config,
        verbose=verbose,
    )


def settings_of(config: Path | None) -> AppSettings:
    """The cockpit's own settings. Raises SettingsError."""
    return settings.load(AppSettings, toml=settings_file(config))


def last_weekday() -> date:
    """Today, or the Friday before a weekend."""
    day = session_date(WallClock().now_ns())
    return day - timedelta(days=max(0, day.weekday() - 4))
