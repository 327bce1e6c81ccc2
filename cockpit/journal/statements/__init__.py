"""Broker statements: text in, a verdict a line and bookings out. Pure: nothing is stored."""
