"""What may be lost: pure functions that the gate, the monitor and the panels share."""
