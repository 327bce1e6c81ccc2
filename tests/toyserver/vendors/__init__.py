"""Toy data vendors on loopback, each with its own words, limits and ways to fail."""

from tests.toyserver.vendors.alpha_vantage import ToyAlphaVantage
from tests.toyserver.vendors.finnhub import ToyFinnhub
from tests.toyserver.vendors.polygon import ToyPolygon
from tests.toyserver.vendors.server import Mood, ToyVendor

__all__ = ["Mood", "ToyAlphaVantage", "ToyFinnhub", "ToyPolygon", "ToyVendor"]
