"""Limits while the program runs: read, changed, shown, and the end of a day that lost too much."""
