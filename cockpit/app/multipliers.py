"""What a price unit of an instrument is worth, kept for what is reckoned without a feed."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from cockpit.domain.instrument import Instrument
from cockpit.ports.store import Run, Store

MULTIPLIERS = "multipliers"


async def record_multipliers(
    store: Store, run: Run, instruments: Iterable[Instrument], now_ns: int
) -> None:
    """Keep those that aren't 1, when there are new ones. Raises StoreError."""
    before = await stored_multipliers(store, run.account_id)
    now = before | {i.symbol: i.multiplier for i in instruments if i.multiplier != 1}
    if before != now:
        await store.record(MULTIPLIERS, run.account_id, now_ns, {"multipliers": now})


async def stored_multipliers(store: Store, account_id: str) -> dict[str, Decimal]:
    """Money per price unit by symbol, where it isn't 1. Raises StoreError."""
    written = await store.newest_record(MULTIPLIERS, account_id)
    if written is None:
        return {}
    return msgspec.json.decode(written, type=dict[str, dict[str, Decimal]])["multipliers"]
