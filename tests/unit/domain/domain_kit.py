"""Valid values of every domain type, to be spoilt one field at a time."""

from __future__ import annotations

from decimal import Decimal

from cockpit.domain.account import Account, Mode
from cockpit.domain.alert import Alert, Severity
from cockpit.domain.fact import Fact, Unit
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits
from cockpit.domain.market import Bar, Quote, TradePrint, TradingStatus
from cockpit.domain.order import Order, OrderIntent, OrderType, Side
from cockpit.domain.position import Position
from cockpit.domain.trade import Direction, LotMatch, Trade

ONE = Decimal(1)
INTENT = OrderIntent(
    intent_id="i", account_id="A", symbol="XXX", side=Side.BUY, type=OrderType.STOP_LIMIT,
    quantity=Decimal(100), limit_price=Decimal(11), stop_price=Decimal(10),
    planned_stop=Decimal(9), planned_target=Decimal(13),
)  # fmt: skip
ORDER = Order(client_order_id="o", intent=INTENT, average_price=Decimal(10))
FILL = Fill(
    execution_id="e", account_id="A", client_order_id="o", symbol="XXX", side=Side.BUY,
    quantity=Decimal(100), price=Decimal(10), fee=ONE, ts_event=1, ts_init=2,
    planned_stop=Decimal(9), planned_target=Decimal(13),
)  # fmt: skip
MATCH = LotMatch(
    open_execution_id="e1", close_execution_id="e2", quantity=ONE, entry_price=ONE,
    exit_price=ONE, opened_ns=1, closed_ns=2, gross=ONE,
)  # fmt: skip
TRADE = Trade(
    trade_id="t", account_id="A", symbol="XXX", direction=Direction.LONG, quantity=ONE,
    entry_price=ONE, exit_price=ONE, gross=ONE, fees=ONE, opened_ns=1, closed_ns=2,
    matches=(MATCH,), execution_ids=("e1", "e2"), initial_risk=ONE, planned_target=ONE,
)  # fmt: skip
QUOTE = Quote(symbol="XXX", bid=1.0, ask=1.1, bid_size=1.0, ask_size=1.0, ts_event=1, ts_init=2)
PRINT = TradePrint(symbol="XXX", price=1.0, size=1.0, ts_event=1, ts_init=2)
BAR = Bar(
    symbol="XXX", open=2.0, high=4.0, low=1.0, close=3.0, volume=9.0, vwap=2.5, trades=3,
    interval_s=60, ts_event=1, ts_init=2,
)  # fmt: skip
STATUS = TradingStatus(symbol="XXX", halted=True, reason="LULD", ts_event=1, ts_init=2)
INSTRUMENT = Instrument(symbol="XXX", average_daily_volume=ONE)
ACCOUNT = Account(account_id="A", mode=Mode.DEMO, cash=ONE, equity=ONE, buying_power=ONE)
POSITION = Position(account_id="A", symbol="XXX")
ALERT = Alert(key="k", severity=Severity.INFO, title="t", text="x", source="s", raised_ns=1)
FACT = Fact(
    id="f", label="l", unit=Unit.MONEY, value=ONE, text="1", period="p", definition="d"
)  # fmt: skip
LIMITS = Limits()
