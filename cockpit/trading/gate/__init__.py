"""The gate: all controls in their fixed order, and a token that opens the door once."""

from cockpit.trading.gate.gate import Gate
from cockpit.trading.gate.turnstile import Turnstile

__all__ = ["Gate", "Turnstile"]
