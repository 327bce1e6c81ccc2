"""The gate: all controls in their fixed order, and a token that opens the door once."""

from cockpit.trading.gate.gate import CONTROL_FAILED, Gate, control_failed
from cockpit.trading.gate.turnstile import Turnstile

__all__ = ["CONTROL_FAILED", "Gate", "Turnstile", "control_failed"]
