"""A toy Robinhood: what its API says to somebody who reads, over real sockets, with its moods."""

from tests.toyserver.hood.server import ToyHood

__all__ = ["ToyHood"]
