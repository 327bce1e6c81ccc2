"""A toy venue that speaks Alpaca's protocol over real sockets, and fails as told to."""

from tests.toyserver.faults import Fault, Faults, StreamFaults
from tests.toyserver.server import KEY_ID, SECRET_KEY, ToyServer

__all__ = ["KEY_ID", "SECRET_KEY", "Fault", "Faults", "StreamFaults", "ToyServer"]
