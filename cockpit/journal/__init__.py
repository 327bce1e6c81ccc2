"""Fills become trades, trades become statistics, and the day writes its own entry."""
