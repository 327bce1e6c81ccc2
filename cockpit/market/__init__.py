"""What the price is now, and whether it may be believed."""
