"""Recorded market data on the command line: its quality, its bars, its tapes."""
