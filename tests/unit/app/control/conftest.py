"""A lasting account: a real market in which nothing happens, on a broker that takes LIVE."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plugins import install
from tests.unit.app.conftest import Configure
from tests.unit.app.test_standing import BROKER, FEED, store_account

LASTING = 'broker = "lasting"\nfeed = "quiet"\nactive_strategies = []\n'


@pytest.fixture
def lasting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configure: Configure) -> None:
    feeds = {"cockpit.feeds": {"quiet": "quiet_feed:plugin"}}
    install(monkeypatch, tmp_path / "feeds", "quiet_feed", FEED, feeds)
    brokers = {"cockpit.brokers": {"lasting": "lasting_broker:plugin"}}
    install(monkeypatch, tmp_path / "brokers", "lasting_broker", BROKER, brokers)
    configure(LASTING)
    store_account(tmp_path / "data")
