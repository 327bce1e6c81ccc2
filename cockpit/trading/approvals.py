"""The queue of proposed orders that wait for a person."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.domain.approval import ApprovalRequest
from cockpit.kernel.clock import Timer
from cockpit.ports.clock import Clock
from cockpit.trading.errors import NoSuchOrderError


class Approvals:
    """Open requests, oldest first. Each expires by itself; `take` ends it exactly once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._requests: dict[str, ApprovalRequest] = {}
        self._timers: dict[str, Timer] = {}

    def waiting(self) -> list[ApprovalRequest]:
        """Open requests, oldest first."""
        return list(self._requests.values())

    def get(self, request_id: str) -> ApprovalRequest:
        """The open request. Raises NoSuchOrderError when it has ended."""
        try:
            return self._requests[request_id]
        except KeyError:
            raise NoSuchOrderError(request_id) from None

    def add(self, request: ApprovalRequest, on_expiry: Callable[[], None]) -> None:
        """Open a request; `on_expiry` is called once if nobody took it in time."""
        self._requests[request.request_id] = request
        self._timers[request.request_id] = self._clock.call_at(request.expires_ns, on_expiry)

    def update(self, request: ApprovalRequest) -> None:
        """Put an edited request in the place of the open one; its time runs on.

        Raises NoSuchOrderError when it ended meanwhile.
        """
        self.get(request.request_id)
        self._requests[request.request_id] = request

    def take(self, request_id: str) -> ApprovalRequest:
        """End the request and hand it over. Raises NoSuchOrderError when it has ended."""
        request = self.get(request_id)
        del self._requests[request_id]
        self._timers.pop(request_id).cancel()
        return request
