"""For `tests/bench/quotes.py`: a market that quotes as fast as asked, and windows that take it in."""
