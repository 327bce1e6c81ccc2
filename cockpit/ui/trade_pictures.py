"""Pictures of the chart as a trade opened and closed, kept beside it by themselves."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import structlog
from PySide6.QtCore import QBuffer, QObject, QTimer, Signal
from PySide6.QtGui import QImage

from cockpit.domain.events import FillBooked, TradeClosed
from cockpit.journal.days import day_of
from cockpit.kernel.aside import aside
from cockpit.ports.entries import Attachment, AttachmentKind
from cockpit.ui.asking import ask
from cockpit.ui.links import Link
from cockpit.ui.panels.chart import ChartPanel

if TYPE_CHECKING:
    from collections.abc import Callable

    from cockpit.app.core import Core
    from cockpit.ui.bridge import Bridge
    from cockpit.ui.charts.look import ChartLook
    from cockpit.ui.drawings import Drawings
    from cockpit.ui.theme import Theme

WAIT_MS = 1_500
"""From the fill to its picture, and from one picture to the next: nothing of it is urgent."""
MOST_WAITING = 8
OLD_NS = 60_000_000_000
"""What was filled longer ago has no picture: the chart of now would not be that of then."""
SIZE = (960, 540)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Wanted:
    symbol: str
    trade_id: str
    day: str
    kind: AttachmentKind


class TradePictures(QObject):
    """Hears of fills and closed trades, and takes each picture later, from a chart of its own.

    `kept` tells the trade whose picture is there now. `look` is that of the chart on screen.
    """

    kept = Signal(str)  # trade id

    def __init__(
        self,
        core: Core,
        bridge: Bridge,
        theme: Theme,
        *,
        drawings: Drawings,
        look: Callable[[], ChartLook],
    ) -> None:
        super().__init__()
        self._core, self._look = core, look
        self._link = Link.alone()
        self._chart = ChartPanel(
            core.book,
            core.bars,
            core.journal.fills_in,
            core.orders,
            bridge,
            theme,
            self._link,
            label=core.feed_label,
            look=look(),
            drawings=drawings,
        )
        self._chart.resize(*SIZE)
        self._waiting: deque[_Wanted] = deque(maxlen=MOST_WAITING)
        self._busy = False
        self._timer = QTimer(self, interval=WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._take_next)
        self._ends = (
            core.bus.subscribe(FillBooked, self._on_fill, name="pictures.entry"),
            core.bus.subscribe(TradeClosed, self._on_closed, name="pictures.exit"),
        )

    def close(self) -> None:
        """Take no more."""
        for end in self._ends:
            end()
        self._timer.stop()
        self._waiting.clear()
        self._chart.deleteLater()

    def _on_fill(self, booked: FillBooked) -> None:
        fill = booked.fill
        trade_id = self._core.journal.opened_by(fill)
        if trade_id:
            self._want(fill.symbol, trade_id, fill.ts_event, AttachmentKind.ENTRY)

    def _on_closed(self, closed: TradeClosed) -> None:
        trade = closed.trade
        self._want(trade.symbol, trade.trade_id, trade.closed_ns, AttachmentKind.EXIT)

    def _want(self, symbol: str, trade_id: str, ts_ns: int, kind: AttachmentKind) -> None:
        """Only note it: whoever books a fill waits for nobody."""
        if self._core.clock.now_ns() - ts_ns > OLD_NS:
            return
        self._waiting.append(_Wanted(symbol, trade_id, day_of(ts_ns), kind))
        if not self._busy:
            self._go_on()

    def _go_on(self) -> None:
        """One after the other: what opened stands before what closed."""
        self._busy = bool(self._waiting)
        if self._busy:
            self._timer.start()

    def _take_next(self) -> None:
        if not self._waiting:
            return
        wanted = self._waiting.popleft()
        chart = self._chart
        chart.tools.choose(**msgspec.structs.asdict(self._look()))
        self._link.choose(wanted.symbol)
        chart.show_now()
        image = chart.grab().toImage()
        ask(
            self._core.commands,
            self._keep(wanted, image),
            "keep-picture",
            done=lambda _kept: self._done(wanted.trade_id),
            failed=partial(self._failed, wanted.trade_id),
        )

    def _done(self, trade_id: str) -> None:
        self.kept.emit(trade_id)
        self._go_on()

    def _failed(self, trade_id: str, why: str) -> None:
        _log.warning("picture_not_kept", trade=trade_id, why=why)
        self._go_on()

    async def _keep(self, wanted: _Wanted, image: QImage) -> Attachment:
        content = await aside(partial(as_png, image), name="picture")
        return await self._core.commands.attach_picture(
            wanted.day,
            wanted.trade_id,
            content,
            f"{wanted.symbol} at {wanted.kind.value}.png",
            wanted.kind,
        )


def as_png(image: QImage) -> bytes:
    """The picture as a file; for a thread of its own."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportCallIssue, reportArgumentType] -- the stub wants bytes
    return bytes(buffer.data().data())
