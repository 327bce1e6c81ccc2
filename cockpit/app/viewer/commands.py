"""Every command of the cockpit, refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from cockpit.app.commands import Commands
from cockpit.app.ids import IntentIds
from cockpit.app.viewer.errors import ViewerError
from cockpit.app.viewer.parts import MirrorAlerts, absent
from cockpit.kernel.bus import Bus
from cockpit.kernel.supervisor import Supervisor
from cockpit.ports.clock import Clock

HARMLESS = frozenset({"run", "intent", "acknowledge", "snooze", "publish_playback", "resolvable"})
"""What changes nothing beyond this window: alerts are of its own list only."""


class ViewerCommands(Commands):
    """Refuses whatever is asked, also what is added to `Commands` one day."""

    def __init__(
        self,
        *,
        bus: Bus,
        clock: Clock,
        supervisor: Supervisor,
        alerts: MirrorAlerts,
        account_id: str,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._supervisor = supervisor
        self._alerts = alerts
        self._ids = absent(IntentIds)
        self._account_id = account_id
        self._playback = None

    def resolvable(self, client_order_id: str) -> bool:
        """Never from here."""
        del client_order_id
        return False

    def publish_playback(self) -> None:
        """Tell nothing: the session is paced elsewhere."""


def _refusing(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(method):

        async def refuse_later(_self: ViewerCommands, *_given: object, **_named: object) -> None:
            raise ViewerError(name)

        return refuse_later

    def refuse(_self: ViewerCommands, *_given: object, **_named: object) -> None:
        raise ViewerError(name)

    return refuse


for _name, _method in inspect.getmembers(Commands, inspect.isfunction):
    if not _name.startswith("_") and _name not in HARMLESS:
        setattr(ViewerCommands, _name, _refusing(_name, _method))
