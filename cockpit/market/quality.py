"""The door of the market room: a raw row becomes a domain value, or is refused by a rule.

Nearly every row is good, so a good one is recognised in one expression over its own numbers
and its symbol's slot. Only what fails there is taken through the tables of `rules`.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import msgspec

from cockpit.domain.errors import DomainError
from cockpit.domain.market import Quote, TradeCorrected, TradePrint, TradingStatus
from cockpit.market import rules
from cockpit.market.rules import FUTURE_NS, STALE_NS, WIDE, Action, Rule, Slot
from cockpit.market.sifting import sift_columns
from cockpit.ports.columns import Columns
from cockpit.ports.feed import RawCorrection, RawQuote, RawRow, RawStatus, RawTrade

_INF = float("inf")


class Quarantined(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that was not believed: reason code, the row in words, its time in ns (0 unknown)."""

    reason: str
    detail: str
    ts: int


class Quality:
    """Checks rows of one feed, in the order they arrive, by the tables of `market.rules`.

    `actions` changes what the soft rules (`rules.QUOTE_SOFT`, `TRADE_SOFT`) do, by name.
    `on_hit` is told of every rule that applied to a row, with the row. `source` is the feed's
    name, and stands in each quote, print and halt that passes.
    """

    RECENT = 200

    def __init__(
        self,
        actions: Mapping[str, Action] | None = None,
        on_hit: Callable[[str, RawRow], None] | None = None,
        *,
        source: str = "",
    ) -> None:
        self.source = source
        self._actions = dict(actions or {})
        self._on_hit = on_hit
        self._counts: Counter[str] = Counter()
        self._flagged: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()
        self._recent: deque[Quarantined] = deque(maxlen=self.RECENT)
        self._slots: dict[str, Slot] = {}
        self.accepted = 0
        self._repeats = 0
        repeats = self._actions.get(rules.REPEATED.name, rules.REPEATED.action)
        self._repeats_pass = repeats is Action.FLAG and on_hit is None

    @property
    def counts(self) -> Mapping[str, int]:
        """Refused rows, quarantined or dropped, by reason: the first rule that refused it."""
        return dict(self._counts)

    @property
    def flagged(self) -> Mapping[str, int]:
        """Rows that passed but are worth knowing of, by rule."""
        return dict(self._with_repeats(self._flagged))

    @property
    def hits(self) -> Mapping[str, int]:
        """How often each rule applied; a row may break several, so this counts more than rows."""
        return dict(self._with_repeats(self._hits))

    @property
    def quarantined(self) -> int:
        """All refused rows."""
        return self._counts.total()

    @property
    def recent(self) -> Sequence[Quarantined]:
        """The latest quarantined rows, newest last; at most RECENT."""
        return tuple(self._recent)

    def expect(self, symbol: str, previous_close: float) -> None:
        """Measure the symbol's first price of the day against the previous close."""
        slot = self._slot(symbol)
        slot.mid.expect(2 * previous_close)
        slot.price.expect(previous_close)

    def second_source(self, symbol: str, mid: float | None, ts: int = 0) -> bool:
        """What another source says at `ts` decides what is an outlier; None when it is silent.

        True where it says otherwise than the feed.
        """
        slot = self._slot(symbol)
        slot.mid.compare(None if mid is None else 2 * mid, ts)
        slot.price.compare(mid, ts)
        return slot.mid.doubts > 0 or slot.price.doubts > 0

    def sift(
        self,
        rows: Sequence[RawRow],
        ts_init: int,
        *,
        latest: dict[str, RawQuote],
        apart: Callable[[str], bool],
        other: Callable[[RawRow], None],
    ) -> None:
        """Check quotes of which only the newest of each symbol is wanted, in one pass.

        Plainly good ones are accepted and put into `latest`, by symbol, in the place of those
        before. All that has to be looked at goes to `other` in its turn: other rows, doubtful
        quotes, and those of symbols for which `apart` is true.
        """
        if isinstance(rows, Columns):
            newest, count, rows = sift_columns(rows, self._slots, ts_init, apart)
            latest.update((row.symbol, row) for row in newest)
            self.accepted += count
        slots, good = self._slots.get, 0
        kinds = {kind for kind in set(map(type, rows)) if issubclass(kind, RawQuote)}
        oldest, newest = ts_init - STALE_NS, ts_init + FUTURE_NS
        for row in cast("Sequence[RawQuote]", rows):  # as `kinds` finds: asking each is slow
            if type(row) in kinds and (slot := slots(symbol := row.symbol)) is not None:
                ts, bid, ask, level = row.ts_event, row.bid, row.ask, slot.mid
                try:
                    plain = (  # what `check_quote` and a Quote ask
                        level.ts  # else it is the first one, or names no symbol
                        and slot.quote.ts_event < ts
                        and oldest <= ts <= newest
                        and 0.0 < bid < ask <= bid * WIDE
                        and level.low <= bid + ask <= level.high
                        and 0.0 < row.bid_size < _INF
                        and 0.0 < row.ask_size < _INF
                        and (symbol in latest or not apart(symbol))
                    )
                except TypeError:  # a source's null
                    plain = False
                if plain:
                    if ts >= level.due:
                        level.take(bid + ask, ts)
                    latest[symbol] = slot.quote = row
                    good += 1
                    continue
            other(row)
        self.accepted += good

    def check_quote(self, raw: RawQuote, ts_init: int) -> Quote | None:
        """The quote as a domain value stamped `ts_init`, or None when refused."""
        symbol, ts, bid, ask = raw.symbol, raw.ts_event, raw.bid, raw.ask
        slot = self._slots.get(symbol) or self._slot(symbol)
        last, level = slot.quote, slot.mid
        try:
            mid = bid + ask
            plain = (
                last.ts_event <= ts
                and 0.0 < bid < ask <= bid * WIDE
                and level.low <= mid <= level.high
                and -FUTURE_NS <= ts_init - ts <= STALE_NS
            )
            if plain and ts == last.ts_event and raw == last:
                if not self._may_repeat(raw):
                    return None
            elif not (plain or self._stands(raw, slot, ts_init, _QUOTE)):
                return None
            quote = Quote(
                symbol=symbol,
                bid=bid,
                ask=ask,
                bid_size=raw.bid_size,
                ask_size=raw.ask_size,
                ts_event=ts,
                ts_init=ts_init,
                source=self.source,
            )
        except (DomainError, TypeError):
            self._stands(raw, slot, ts_init, _QUOTE)
            return None
        slot.quote = raw
        self.accepted += 1
        if (ts >= level.due or not plain) and ask <= bid * WIDE:  # a wider mid says nothing
            level.take(mid, ts)
        return quote

    def check_trade(self, raw: RawTrade, ts_init: int) -> TradePrint | None:
        """The print as a domain value stamped `ts_init`, or None when refused."""
        symbol, ts, price, trade_id = raw.symbol, raw.ts_event, raw.price, raw.trade_id
        slot = self._slots.get(symbol) or self._slot(symbol)
        level = slot.price
        try:
            plain = (
                slot.trade_ts <= ts
                and level.low <= price <= level.high
                and -FUTURE_NS <= ts_init - ts <= STALE_NS
                and not raw.cancelled
                and not (trade_id and slot.knows(trade_id))
            )
            if not (plain or self._stands(raw, slot, ts_init, _TRADE)):
                return None
            trade = TradePrint(
                symbol=symbol,
                price=price,
                size=raw.size,
                ts_event=ts,
                ts_init=ts_init,
                source=self.source,
                conditions=raw.conditions,
                trade_id=trade_id,
            )
        except (DomainError, TypeError):
            self._stands(raw, slot, ts_init, _TRADE)
            return None
        slot.trade_ts = ts
        self.accepted += 1
        if trade_id:
            slot.remember(trade_id)
        if ts >= level.due or not plain:
            level.take(price, ts)
        return trade

    def check_correction(self, raw: RawCorrection, ts_init: int) -> TradeCorrected | None:
        """A correction as a domain value, or None when it names no print or is none."""
        try:
            corrected = TradeCorrected(
                symbol=raw.symbol,
                trade_id=raw.trade_id,
                old_price=raw.old_price,
                old_size=raw.old_size,
                price=raw.price,
                size=raw.size,
                new_id=raw.new_id,
                ts_event=raw.ts_event,
                ts_init=ts_init,
                source=self.source,
            )
        except (DomainError, TypeError):
            reason = rules.UNREADABLE if raw.symbol else "no_symbol"
            self._hit(reason, raw)
            return self._refuse(reason, raw)
        if raw.new_id:
            self._slot(raw.symbol).remember(raw.new_id)
        self.accepted += 1
        return corrected

    def check_status(self, raw: RawStatus, ts_init: int) -> TradingStatus | None:
        """The halt or resumption as a domain value, or None when it names no symbol.

        One from the future is believed, for a halt that is not shown costs money, but it is of
        now: its own time would begin another day for all symbols.
        """
        early = raw.ts_event > ts_init + FUTURE_NS
        try:
            status = TradingStatus(
                symbol=raw.symbol,
                halted=raw.halted,
                reason=raw.reason,
                ts_event=ts_init if early else raw.ts_event,
                ts_init=ts_init,
                source=self.source,
            )
        except DomainError:
            self._hit("no_symbol", raw)
            return self._refuse("no_symbol", raw)
        if early:
            self._hit(rules.FUTURE.name, raw)
            self._flagged[rules.FUTURE.name] += 1
        self.accepted += 1
        return status

    def quarantine(self, reason: str, detail: str, ts: int = 0) -> None:
        """Count a row that somebody else, e.g. the reader of a file, could not believe."""
        self._hits[reason] += 1
        self._keep(reason, detail, ts)

    def _keep(self, reason: str, detail: str, ts: int) -> None:
        self._counts[reason] += 1
        self._recent.append(Quarantined(reason=reason, detail=detail, ts=ts))

    def _slot(self, symbol: str) -> Slot:
        slot = self._slots.get(symbol)
        if slot is None:
            slot = self._slots[symbol] = Slot()
        return slot

    def _with_repeats(self, counter: Counter[str]) -> Counter[str]:
        return counter + Counter({rules.REPEATED.name: self._repeats})

    def _may_repeat(self, raw: RawQuote) -> bool:
        """Count a quote that says what the one before it said, at the same time."""
        if self._repeats_pass:
            self._repeats += 1
            return True
        return self._settle((rules.REPEATED,), raw)

    def _stands(self, raw: RawQuote | RawTrade, slot: Slot, now: int, tables: _Tables) -> bool:
        """Take a doubtful row through the tables; True when it may pass."""
        fatal, hard, soft = tables
        for rule in fatal:
            if rule.applies(raw, slot, now):
                return self._settle((rule,), raw)
        broken = [rule for rule in hard if rule.applies(raw, slot, now)]
        if all(rule.action is Action.FLAG for rule in broken):
            broken += [rule for rule in soft if rule.applies(raw, slot, now)]
        return self._settle(broken, raw)

    def _settle(self, broken: Sequence[Rule], raw: RawQuote | RawTrade) -> bool:
        reason = ""
        for rule in broken:
            self._hit(rule.name, raw)
            action = self._actions.get(rule.name, rule.action)
            if action is not Action.FLAG and not reason:
                reason, seen = rule.name, action is Action.QUARANTINE
                self._refuse(reason, raw, seen=seen)
        if not reason:
            for rule in broken:
                self._flagged[rule.name] += 1
        return not reason

    def _hit(self, rule: str, raw: RawRow) -> None:
        self._hits[rule] += 1
        if self._on_hit is not None:
            self._on_hit(rule, raw)

    def _refuse(self, reason: str, raw: RawRow, *, seen: bool = True) -> None:
        """Count the row under its reason; one that is not dropped can be `seen`."""
        if seen:
            self._keep(reason, rules.row_words(raw), raw.ts_event)
        else:
            self._counts[reason] += 1


_Tables = tuple[tuple[Rule, ...], tuple[Rule, ...], tuple[Rule, ...]]
_QUOTE: _Tables = (rules.QUOTE_FATAL, rules.QUOTE_HARD, rules.QUOTE_SOFT)
_TRADE: _Tables = (rules.TRADE_FATAL, rules.TRADE_HARD, rules.TRADE_SOFT)
