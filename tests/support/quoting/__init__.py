"""For `tests/bench/quotes.py`: a market as fast as asked, and windows that take it in."""
