"""The recaps of a session, on the ground that everything stands on."""

from __future__ import annotations

from cockpit.app.ground import Ground
from cockpit.app.recapping.room import RecapRoom, market_seen
from cockpit.app.recapping.voice_rules import rules_beside
from cockpit.app.recapping.writers import session_writers
from cockpit.journal.tradebook import TradeBook
from cockpit.market.bars import BarBook
from cockpit.recap.desk import RecapDesk


def recaps_of(ground: Ground, journal: TradeBook, bars: BarBook) -> RecapRoom:
    """The room with the session's writers, in the voice of the rules beside the settings."""
    both = session_writers(ground.settings, ground.toml, ground.launch, ground.vault, ground.wall)
    rules = rules_beside(ground.launch.config)
    desk = RecapDesk(ground.store, *both, ground.clock, rules)
    market = market_seen(ground.feed, bars, ground.calendar, ground.research)
    return RecapRoom(desk, journal, ground.store, ground.clock, market)
