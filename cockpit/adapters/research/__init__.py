"""Research data on the disk: a file of its own, which may be lost without losing a fill."""
