"""The exits that the core holds for positions: stop, target and trailing stop, at any broker."""
