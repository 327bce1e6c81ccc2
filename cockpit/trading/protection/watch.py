"""What a fresh quote changes: the target is touched or lost, the trailing stop follows."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.limits import TradingState
from cockpit.domain.market import Quote
from cockpit.domain.values import to_decimal
from cockpit.ports.clock import Clock
from cockpit.risk.limit_book import LimitBook
from cockpit.trading.gate.situation import Prices
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.protection.cover import Aim, Cover, CoverBook
from cockpit.trading.state import TradingSwitch

SECOND_NS = 1_000_000_000


class Pace:
    """How often exits may be changed: less often, the more of the message limit is used."""

    def __init__(self, traffic: Traffic, limits: LimitBook, clock: Clock) -> None:
        self._traffic = traffic
        self._limits = limits
        self._clock = clock

    def pause_ns(self, seconds: float) -> int:
        """`seconds` between two changes while there is much room, up to ten times that."""
        used = (
            self._traffic.messages_within(60, self._clock.now_ns())
            / self._limits.account.max_messages_per_minute
        )
        slower = 1 if used < 0.25 else 3 if used < 0.5 else 10
        return int(seconds * slower * SECOND_NS)


class Watch:
    """Looks at the covers of one symbol with each of its quotes, and at no other time."""

    TRAIL_EVERY_S = 1.0
    TRAIL_STEP_FRACTION = Decimal("0.0005")
    TARGET_LASTS_S = 5.0
    TARGET_AGAIN_S = 5.0
    FALLEN_BACK_FRACTION = Decimal("0.001")

    def __init__(  # noqa: PLR0917 -- what it reads, each of another kind
        self,
        book: CoverBook,
        prices: Prices,
        switch: TradingSwitch,
        limits: LimitBook,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._book = book
        self._prices = prices
        self._switch = switch
        self._limits = limits
        self._clock = clock
        self._pace = pace

    def take(self, quote: Quote) -> bool:
        """True when an exit of the quote's symbol must change."""
        covers = self._book.on(quote.symbol)
        if not covers or self._switch.state is TradingState.HALTED or not self._fresh(quote):
            return False
        changed = False
        for cover in covers:
            touch = to_decimal(quote.bid if cover.side.sign > 0 else quote.ask)
            changed |= self._mark(cover, touch)
            changed |= self._aim(cover, touch)
        return changed

    def give_up_target(self, cover: Cover) -> None:
        """Back to the stop, and some seconds without another try."""
        cover.aim = Aim.STOP
        cover.target_again_ns = self._clock.elapsed_ns() + int(self.TARGET_AGAIN_S * SECOND_NS)

    def target_over(self, cover: Cover) -> bool:
        """True when the target has had its time, whatever the quotes do."""
        return cover.aim is Aim.TARGET and self._clock.elapsed_ns() >= cover.aim_until_ns

    def _fresh(self, quote: Quote) -> bool:
        age_ns = self._clock.now_ns() - min(quote.ts_event, quote.ts_init)
        return (
            0 <= age_ns <= self._limits.account.max_quote_age_s * SECOND_NS
            and quote.bid < quote.ask
            and quote.spread_fraction <= self._limits.account.max_spread_fraction
            and not self._prices.halted(quote.symbol)
        )

    def follow(self, cover: Cover) -> int | None:
        """Let a trailing stop follow the best price seen, in steps, and never back.

        When it was moved, or may be: now, or later, by the time that has passed, in ns. None when
        it need not.
        """
        best, instrument = cover.best, self._prices.instrument(cover.symbol)
        if best is None or instrument is None or self._switch.state is TradingState.HALTED:
            return None
        wanted = cover.plan.trailed(cover.side, best, instrument.tick)
        step = max(instrument.tick, best * self.TRAIL_STEP_FRACTION)
        if not (wanted - cover.stop) * cover.side.sign >= step:
            return None
        now = self._clock.elapsed_ns()
        due = cover.changed_ns + self._pace.pause_ns(self.TRAIL_EVERY_S)
        if now < due:
            return due
        cover.tighten(wanted)
        return now

    def _mark(self, cover: Cover, touch: Decimal) -> bool:
        best = cover.best
        if not cover.plan.trails or (best is not None and (touch - best) * cover.side.sign <= 0):
            return False
        cover.best = touch
        return self.follow(cover) is not None

    def _aim(self, cover: Cover, touch: Decimal) -> bool:
        target, sign, now = cover.plan.target, cover.side.sign, self._clock.elapsed_ns()
        if target is None:
            return False
        if cover.aim is Aim.STOP:
            if (touch - target) * sign < 0 or now < cover.target_again_ns:
                return False
            cover.aim = Aim.TARGET
            cover.aim_until_ns = now + int(self.TARGET_LASTS_S * SECOND_NS)
            return True
        fallen = (target - touch) * sign > target * self.FALLEN_BACK_FRACTION
        if not fallen and not self.target_over(cover):
            return False
        self.give_up_target(cover)
        return True
