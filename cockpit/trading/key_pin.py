"""Which key an account began with: another one trades nothing, whatever it opens."""

from __future__ import annotations

import msgspec
import structlog

from cockpit.domain.account import Account, Mode
from cockpit.ports.broker import BrokerError
from cockpit.ports.clock import Clock
from cockpit.ports.store import Store

KIND = "environment"

_log = structlog.get_logger(__name__)


class KeptKey(msgspec.Struct, frozen=True):
    """What a row of the audit log says of an account's first session."""

    mode: Mode
    key_fingerprint: str


class KeyPin:
    """Keeps the fingerprint of an account's first session; `expected` is None until it is known.

    `stored` is what the stored account's key opened when it was tried, empty for none.
    """

    def __init__(
        self, store: Store, clock: Clock, account_id: str, mode: Mode, stored: str = ""
    ) -> None:
        self._stored = stored
        self._store = store
        self._clock = clock
        self._account_id = account_id
        self._mode = mode
        self.expected: str | None = None

    async def take(self, account: Account) -> None:
        """Look up the first session's key; of a first session, keep this one.

        A key that an account of another mode began with is nobody's first key. Raises
        StoreError, and BrokerError for a key that opens something else than the stored one did.
        """
        self.expected = None
        if self._stored and account.key_fingerprint != self._stored:
            raise BrokerError(
                f"{self._account_id}: the key opens {account.key_fingerprint!r}",
                user_text="The key of this account opens another account at the broker than when "
                "it was stored. Nothing was sent. Store it again: cockpit accounts remove, then "
                "cockpit accounts add.",
                code="ENVIRONMENT_KEY",
            )
        kept = await self._kept(self._account_id)
        if kept is None:
            if account.mode is not self._mode or await self._is_of_another(account):
                _log.error("key_of_another_environment", account=self._account_id)
                return
            kept = KeptKey(self._mode, account.key_fingerprint)
            await self._store.record(KIND, self._account_id, self._clock.now_ns(), kept)
        self.expected = kept.key_fingerprint

    async def _is_of_another(self, account: Account) -> bool:
        if self._mode.simulated or not account.key_fingerprint:
            return False
        others = {r.account_id for r in await self._store.runs() if r.mode is not self._mode}
        for other in sorted(others - {self._account_id}):
            kept = await self._kept(other)
            if kept is not None and kept.key_fingerprint == account.key_fingerprint:
                return True
        return False

    async def _kept(self, account_id: str) -> KeptKey | None:
        written = await self._store.newest_record(KIND, account_id)
        return None if written is None else msgspec.json.decode(written, type=KeptKey)
