"""Which broker, feed, mode and stored account a session is of; and when real money may open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from cockpit.app import registry
from cockpit.app.launch import Launch
from cockpit.app.limits.file import load_limits
from cockpit.app.settings import AppSettings, settings_file
from cockpit.app.signing.accounts import AccountBook, AccountError, AccountRecord
from cockpit.app.standing import shown
from cockpit.domain.account import Mode
from cockpit.domain.limit_rules import LimitValue, Place, Scope
from cockpit.kernel.settings import SettingsError
from cockpit.ports.plugin import Plugin

LIVE_LIMITS = {
    "max_order_value": "One order, at most",
    "max_position_fraction": "One position, of equity",
    "day_loss_halted_fraction": "A day's loss that halts, of equity",
}
"""What a person must have set before real money is traded, in words; the house's values are for
practice."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a session is of; `account` is None at a broker without accounts."""

    broker: str
    feed: str
    mode: Mode
    account: AccountRecord | None = None


def choose(
    own: AppSettings,
    book: AccountBook,
    *,
    broker: str = "",
    account: str = "",
    mode: Mode | None = None,
) -> Choice:
    """The settings, and over them what was asked for.

    A named account brings its broker along; a broker that needs an account takes the only one
    that fits when none is named. Raises SettingsError, PluginError and AccountError for what
    does not go together.
    """
    wanted = mode or (Mode(own.mode) if own.mode else None)
    name = account or (own.account if broker in ("", own.broker) else "")
    if name and not broker and (account or "broker" not in own.model_fields_set):
        broker = book.find(name).broker
    broker = broker or own.broker
    if not _has_accounts(broker):
        if name:
            raise _refused(f"The broker {broker!r} has no accounts to sign in to", name)
        return Choice(broker=broker, feed=own.feed, mode=_mode_on(own.feed, wanted))
    plugin = registry.find("brokers", broker)
    record = _named(book.find(name), broker, wanted) if name else _only(book, plugin, wanted)
    feed = _live_feed(own, broker)
    return Choice(broker=broker, feed=feed, mode=record.mode, account=record)


def without_accounts(own: AppSettings) -> str:
    """The broker of the settings if it signs in to no account, else the paper broker."""
    return "paper" if _has_accounts(own.broker) else own.broker


def _has_accounts(broker: str) -> bool:
    """Of the paper broker it is known: its books bring a database, too early before a paint."""
    return broker != "paper" and bool(registry.find("brokers", broker).credentials)


def _named(record: AccountRecord, broker: str, wanted: Mode | None) -> AccountRecord:
    if record.broker != broker:
        raise _refused(f"It is an account at {record.broker}, not at {broker}", record.name)
    if wanted not in (None, record.mode):
        raise _refused(
            f"It is a {record.mode.value} account, and {wanted.value} was asked for", record.name
        )
    return record


def _only(book: AccountBook, plugin: Plugin, wanted: Mode | None) -> AccountRecord:
    fitting = [
        record
        for record in book.records()
        if record.broker == plugin.name and wanted in (None, record.mode)
    ]
    if len(fitting) == 1:
        return fitting[0]
    kind = f"{wanted.value} account" if wanted else "account"
    if not fitting:
        raise AccountError(
            f"no {kind} at {plugin.name}",
            user_text=f"There is no {kind} for {plugin.name} yet. Nothing was started. Add one: "
            f"cockpit accounts add NAME --broker {plugin.name} "
            f"--mode {(wanted or plugin.modes[0]).value}",
            code="ACCOUNT_NOT_THERE",
        )
    names = ", ".join(f"{record.name} ({record.mode.value})" for record in fitting)
    raise AccountError(
        f"several accounts at {plugin.name}: {names}",
        user_text=f"There are several accounts for {plugin.name}: {names}. Nothing was started. "
        "Name one with --account, or as account in the settings.",
        code="ACCOUNT_SEVERAL",
    )


def _live_feed(own: AppSettings, broker: str) -> str:
    """A real broker trades today's market: its own feed, unless the settings name one."""
    feed = own.feed
    if "feed" not in own.model_fields_set and broker in registry.names("feeds"):
        feed = broker
    if registry.find("feeds", feed).mode.simulated:
        raise SettingsError(
            f"{broker} on {feed}",
            user_text=f"The broker {broker!r} trades today's market, and the feed {feed!r} is none "
            'of it. Nothing was started. Set feed = "..." in the settings to a live one. '
            f"Installed: {', '.join(registry.names('feeds'))}.",
        )
    return feed


def _mode_on(feed: str, wanted: Mode | None) -> Mode:
    """What a session on the feed is; on the simulated market it can be a demo or paper."""
    of_feed = registry.find("feeds", feed).mode
    if wanted in (None, of_feed):
        return of_feed
    if (of_feed, wanted) == (Mode.DEMO, Mode.PAPER):
        return wanted
    live = wanted is Mode.LIVE
    step = "Real money is traded at a real broker: add --broker NAME." if live else ""
    raise SettingsError(
        f"{wanted} on {feed}",
        user_text=f"A session on the feed {feed!r} is {of_feed.value}, it can't be "
        f"{wanted.value}. Nothing was started. {step or 'Choose another feed or mode.'}",
    )


def _refused(why: str, name: str) -> AccountError:
    return AccountError(
        f"account {name}: {why}",
        user_text=f"The account {name!r} can't be used here. {why}. Nothing was started. See "
        "which there are: cockpit accounts list",
        code="ACCOUNT_MISMATCH",
    )


def missing_limits(toml: Mapping[str, Any]) -> Sequence[str]:
    """Which limits must still be written into the settings before real money is traded."""
    written = cast("Mapping[str, Any]", toml.get("limits") or {})
    return [name for name in LIVE_LIMITS if name not in written]


def check_limits(toml: Mapping[str, Any], what: str) -> None:
    """Raise AccountError while a limit is missing that real money needs."""
    missing = missing_limits(toml)
    if missing:
        raise AccountError(
            f"live without {missing}",
            user_text=f"Real money needs limits of your own, and these are not in the settings: "
            f"{', '.join(missing)}. {what} Write them into [limits] of the settings file, then "
            "try again; docs/limits.md says what each one does.",
            code="LIVE_LIMITS",
        )


def limits_for_live(config: Path | None) -> list[tuple[str, str]]:
    """What holds real money back, in words and values for a person to see.

    Raises SettingsError and AccountError.
    """
    toml = settings_file(config)
    check_limits(toml, "Nothing was started.")
    values = load_limits(toml).values
    return [(words, _value(name, values)) for name, words in LIVE_LIMITS.items()]


def _value(name: str, values: Mapping[Place, LimitValue]) -> str:
    value = values[Place(name, Scope.EVERYWHERE, "")]
    if name.endswith("_fraction") and not isinstance(value, frozenset):
        return f"{shown(Decimal(value) * 100)} %"
    return shown(value)


def needs_word(launch: Launch) -> bool:
    """Whether a person must type the account's name before this starts."""
    return (
        launch.mode is Mode.LIVE
        and launch.confirmed != launch.account
        and not (launch.only_closes or _only_read(launch.broker))
    )


def _only_read(broker: str) -> bool:
    return bool(broker) and registry.find("brokers", broker).read_only


def admit(launch: Launch, toml: Mapping[str, Any]) -> None:
    """Raise AccountError unless everything is there that real money needs.

    What only cancels and closes, and a broker that is only read, need the account alone.
    """
    if launch.mode is not Mode.LIVE:
        return
    if not launch.account or not launch.opens:
        raise AccountError(
            "live without a stored account",
            user_text="Real money is traded with a stored account only, and none was named. "
            "Nothing was started. Add one: cockpit accounts add NAME --mode live",
            code="LIVE_ACCOUNT",
        )
    if launch.only_closes or _only_read(launch.broker):
        return
    check_limits(toml, "Nothing was started.")
    if needs_word(launch):
        raise AccountError(
            f"live not confirmed: {launch.confirmed!r}",
            user_text="Real money was not confirmed. Nothing was started. Type the account's name "
            f"to confirm it, or start with: --confirm-live {launch.account}",
            code="LIVE_NOT_CONFIRMED",
        )
