"""What the session's lamp says; it always says READ ONLY."""

from __future__ import annotations

from cockpit.domain.connection import Connection, Health
from cockpit.ports.broker import BrokerError, BrokerSink
from cockpit.ports.clock import Clock

LABEL = "READ ONLY"


class Lamp:
    """Shows each state once; after `end` nothing more is delivered."""

    def __init__(self, sink: BrokerSink, clock: Clock) -> None:
        self._sink: BrokerSink | None = sink
        self._clock = clock
        self._shown: tuple[Health, str] | None = None

    def show(self, health: Health, detail: str = "", act_by_ns: int = 0) -> None:
        """Change the lamp."""
        if self._sink is None or self._shown == (health, detail):
            return
        self._shown = (health, detail)
        self._sink.on_connection(
            Connection(
                name="robinhood",
                kind="broker",
                health=health,
                label=LABEL,
                detail=detail,
                ts_ns=self._clock.now_ns(),
                read_only=True,
                act_by_ns=act_by_ns,
            )
        )

    def failed(self, error: BrokerError) -> None:
        """Show why nothing can be asked."""
        refused = error.code in ("AUTH_FAILED", "AUTH_MISSING")
        self.show(Health.AUTH_FAILED if refused else Health.DOWN, error.user_text)

    def answered(self, changed: bool) -> None:
        """Robinhood answers; when its books have changed, they are to be compared anew."""
        if changed and self._shown == (Health.UP, ""):
            self.show(Health.STALE, "Something changed at Robinhood; the books are compared.")
        self.show(Health.UP)

    def waits_for_approval(self, act_by_ns: int) -> None:
        """A person is asked for in Robinhood's app, until then."""
        detail = (
            "Robinhood asks whether this computer may sign in. Open Robinhood's app and approve it."
        )
        self.show(Health.CONNECTING, detail, act_by_ns)

    def end(self) -> None:
        """The session is over; a refused sign-in stays on the lamp."""
        if self._shown is None or self._shown[0] is not Health.AUTH_FAILED:
            self.show(Health.ENDED)
        self._sink = None
