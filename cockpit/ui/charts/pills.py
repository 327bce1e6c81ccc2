"""Which prices and times stand in a pill on the axes of a price chart."""

from __future__ import annotations

from cockpit.ui.charts.axes import Pill
from cockpit.ui.charts.content import ChartContent
from cockpit.ui.charts.edges import lines_in
from cockpit.ui.charts.sessions import clock_text, day_text
from cockpit.ui.charts.ticks import decimals_for
from cockpit.ui.charts.viewport import Geometry
from cockpit.ui.theme.format import number


def standing_pills(content: ChartContent, shown: Geometry) -> list[Pill]:
    """Each level in its colour, then the last price, of those on screen; the latter on top."""
    places = decimals_for(content.tick)
    pills = [
        Pill(shown.y(x.price), number(x.price, places=places), "raised", x.role, frame=x.role)
        for x in lines_in(shown, content.levels)
    ]
    price, role = content.last
    if shown.scale.holds(price):
        pills.append(Pill(shown.y(price), number(price, places=places), role, f"on_{role}"))
    return pills


def pointed_price(content: ChartContent, shown: Geometry, y: float) -> Pill:
    """The price at the height of the pointer."""
    text = number(shown.scale.price(y), places=decimals_for(content.tick))
    return Pill(y, text, "line_strong", "text")


def pointed_time(content: ChartContent, shown: Geometry, bar: int) -> Pill:
    """Day and time of the bar under the pointer."""
    ts = float(content.candles.ts[bar])
    return Pill(shown.x(bar), f"{day_text(ts)}  {clock_text(ts)}", "line_strong", "text")
