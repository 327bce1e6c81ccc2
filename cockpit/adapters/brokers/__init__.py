"""Brokers behind the broker port; each package ends in a `plugin`."""
