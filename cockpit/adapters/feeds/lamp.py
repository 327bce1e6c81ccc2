"""What the feed's lamp says, and the same as checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cockpit.adapters.streams import StreamState
from cockpit.domain.connection import Connection, Health
from cockpit.ports.clock import Clock
from cockpit.ports.feed import FeedSink
from cockpit.ports.health import Check, CheckState

_HEALTH: Mapping[StreamState, Health] = {
    StreamState.UP: Health.UP,
    StreamState.STALE: Health.STALE,
    StreamState.AUTH_FAILED: Health.AUTH_FAILED,
}
_STATES: Mapping[Health, CheckState] = {
    Health.UP: CheckState.OK,
    Health.STALE: CheckState.WARNING,
    Health.CONNECTING: CheckState.UNKNOWN,
    Health.ENDED: CheckState.UNKNOWN,
}
_NAMED = 5


class Lamp:
    """Tells each change once. `name` is the feed's, `label` stands beside it, e.g. "IEX"."""

    def __init__(self, name: str, label: str, clock: Clock) -> None:
        self._name = name
        self._label = label
        self._clock = clock
        self._detail = ""
        self._remark = ""
        self.refused: tuple[str, ...] = ()
        self.sink: FeedSink | None = None
        self.health = Health.CONNECTING

    def show(self, health: Health, detail: str = "") -> None:
        """Show a state."""
        self.health, self._detail = health, detail
        self._tell()

    def show_state(self, state: StreamState, why: str) -> None:
        """Show how the stream is, by its word and why; CLOSED is nobody's news."""
        if state is StreamState.UP:
            self.show(Health.UP)
        elif state is not StreamState.CLOSED:
            self.show(_HEALTH.get(state, Health.DOWN), f"{state.value}: {why}")

    def refuse(self, symbols: Sequence[str]) -> None:
        """Say for which symbols nothing will come."""
        refused = tuple(symbols)
        if refused != self.refused:
            self.refused = refused
            if self.health is Health.UP:
                self._tell()

    def remark(self, text: str) -> None:
        """Say something of a stream that is up."""
        if text != self._remark:
            self._remark = text
            if self.health is Health.UP:
                self._tell()

    def end(self) -> None:
        """The feed is over; what a person must mend stays to be seen."""
        if self.health not in (Health.AUTH_FAILED, Health.DOWN):
            self.show(Health.ENDED)
        self.sink = None

    def checks(self) -> tuple[Check, Check]:
        """The stream, and the symbols."""
        refused = self._refused_words()
        stream = Check(
            name="market data stream",
            state=_STATES.get(self.health, CheckState.FAILED),
            found=self._detail
            or f"The stream of market data is {self.health.value}. {self._remark}".strip(),
            next_step="" if self.health is Health.UP else "Wait for it, or look at its lamp.",
            required=True,
        )
        symbols = Check(
            name="market data symbols",
            state=CheckState.WARNING if refused else CheckState.OK,
            found=refused or "Each symbol that is asked for is delivered.",
            next_step=f"Ask for fewer, or for others: feeds.{self._name}.symbols." * bool(refused),
        )
        return stream, symbols

    def _tell(self) -> None:
        if self.sink is None:
            return
        up = self.health is Health.UP
        self.sink.on_connection(
            Connection(
                name=self._name,
                kind="feed",
                health=self.health,
                label=self._label,
                detail=f"{self._remark} {self._refused_words()}".strip() if up else self._detail,
                ts_ns=self._clock.now_ns(),
            )
        )

    def _refused_words(self) -> str:
        if not self.refused:
            return ""
        more = len(self.refused) - _NAMED
        named = ", ".join(self.refused[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"No prices for {named}: refused by {self._name}, or too many for the data plan."
