"""Long runs against real processes."""
