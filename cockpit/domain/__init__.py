"""The words of the trade as immutable values that can't hold nonsense."""
