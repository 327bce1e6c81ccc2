"""Design tokens: every colour, distance and duration of the screen has its name here.

Text colours hold a contrast of 4.5 : 1 on `canvas`, `surface` and `raised`; a test
computes it. Up and down are never told by colour alone: a sign, arrow or word is beside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum


class Scheme(StrEnum):
    """Dark or light ground."""

    DARK = "dark"
    LIGHT = "light"


class Space(IntEnum):
    """Distances in logical pixels: a grid of 8 with halves for dense rows."""

    HAIR = 1
    XXS = 2
    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 32


class Inset(IntEnum):
    """What widgets that paint themselves keep around and between their parts, in logical pixels."""

    CELL = 8  # of a table, left and right
    ACTION = 10  # of a button in a row, left and right
    PILL_X = 8
    PILL_Y = 3
    LAMP = 6  # between shape and name
    TILE = 3  # between the days of a calendar


class Radius(IntEnum):
    """Corners in logical pixels."""

    SMALL = 4  # entries of menus and lists
    CONTROL = 5  # buttons and fields
    PANEL = 6  # docked areas, the kill switch
    CARD = 8  # cards and messages


class Motion(IntEnum):
    """Durations in milliseconds; reduced motion makes all of them zero."""

    QUICK = 120
    NORMAL = 200
    FLASH = 400
    HOLD = 900  # kill switch: long enough not to slip, short enough in need
    TOAST = 6000  # reading time, not motion: reduced motion keeps it


@dataclass(frozen=True, slots=True)
class Colours:
    """One palette as `#rrggbb`; roles, not hues."""

    canvas: str  # behind the panels
    surface: str  # a panel
    raised: str  # cards, fields, table headers
    hover: str
    pressed: str
    line: str  # hairlines
    line_strong: str  # borders of fields and cards
    text: str
    muted: str  # labels
    faint: str  # stale prices, hints
    off: str  # what can't be used now: 3 to 1, so that it never looks live
    accent: str
    accent_soft: str  # ground behind accent words and selections
    on_accent: str
    focus: str
    up: str
    up_soft: str
    on_up: str
    down: str
    down_soft: str
    on_down: str
    notice: str
    warning: str
    warning_soft: str
    critical: str
    critical_soft: str
    on_critical: str
    demo: str
    replay: str
    paper: str
    live: str
    grid: str  # chart grid
    crosshair: str
    link_1: str  # link groups; their number in `surface` on it
    link_2: str
    link_3: str
    link_4: str
    link_5: str

    def signed(self, value: float) -> str:
        """Up, down or plain text for a gain, a loss or nothing."""
        return self.up if value > 0 else self.down if value < 0 else self.text


DARK = Colours(
    canvas="#0b0e13",
    surface="#11151c",
    raised="#191e27",
    hover="#202733",
    pressed="#293241",
    line="#1f2530",
    line_strong="#2f3846",
    text="#e8ebf1",
    muted="#a0a9b8",
    faint="#85909f",
    off="#67717f",
    accent="#8aa4ff",
    accent_soft="#1d2743",
    on_accent="#0b1020",
    focus="#8aa4ff",
    up="#3ecf9a",
    up_soft="#12302a",
    on_up="#05150f",
    down="#ff7480",
    down_soft="#381d24",
    on_down="#1d0508",
    notice="#8aa4ff",
    warning="#f2bd5c",
    warning_soft="#332a17",
    critical="#ff7480",
    critical_soft="#40191f",
    on_critical="#1d0508",
    demo="#bda6ff",
    replay="#63d0d6",
    paper="#f2bd5c",
    live="#ff7480",
    grid="#1a202a",
    crosshair="#66728a",
    link_1="#8aa4ff",
    link_2="#f2bd5c",
    link_3="#d79bff",
    link_4="#63d0d6",
    link_5="#ff9ecb",
)

LIGHT = Colours(
    canvas="#e9ecf1",
    surface="#ffffff",
    raised="#f4f6f9",
    hover="#e9edf3",
    pressed="#dde3ec",
    line="#e1e6ed",
    line_strong="#c6ced9",
    text="#131820",
    muted="#475261",
    faint="#5f6a79",
    off="#7c8695",
    accent="#3450c8",
    accent_soft="#e2e8ff",
    on_accent="#ffffff",
    focus="#3450c8",
    up="#04724c",
    up_soft="#dcf3e9",
    on_up="#ffffff",
    down="#b91c30",
    down_soft="#fde5e7",
    on_down="#ffffff",
    notice="#3450c8",
    warning="#825100",
    warning_soft="#fbefd6",
    critical="#b91c30",
    critical_soft="#fde5e7",
    on_critical="#ffffff",
    demo="#6236c4",
    replay="#0b6570",
    paper="#825100",
    live="#b91c30",
    grid="#edf0f4",
    crosshair="#7b8798",
    link_1="#3450c8",
    link_2="#825100",
    link_3="#7a2fb0",
    link_4="#0b6570",
    link_5="#a8226b",
)


def palette(scheme: Scheme, *, blue_orange: bool = False) -> Colours:
    """The colours of `scheme`; gains blue and losses orange when asked."""
    if scheme is Scheme.DARK:
        plain, up, down = DARK, ("#5cb8ff", "#10293d", "#04121d"), ("#ff9f4a", "#3a2412", "#1c0d02")
    else:
        plain, up, down = (
            LIGHT,
            ("#0a5fa8", "#dcecfb", "#ffffff"),
            ("#9c4600", "#fdebd9", "#ffffff"),
        )
    if not blue_orange:
        return plain
    return replace(
        plain,
        up=up[0], up_soft=up[1], on_up=up[2],
        down=down[0], down_soft=down[1], on_down=down[2],
    )  # fmt: skip


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two `#rrggbb` colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
