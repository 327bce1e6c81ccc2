"""The only way to start: what the ledger holds is loaded, what the broker holds is compared."""

from cockpit.trading.recovery.loading import Loader
from cockpit.trading.recovery.reconciler import Reconciler
from cockpit.trading.recovery.recovery import Recovery
from cockpit.trading.recovery.settlement import Settlement
from cockpit.trading.recovery.sweeper import Sweeper

__all__ = ["Loader", "Reconciler", "Recovery", "Settlement", "Sweeper"]
