"""NautilusTrader's RiskEngine with one account and one quoted stock, where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from importlib import import_module
from typing import Any


def _from(module: str, *names: str) -> list[Any]:
    loaded = import_module(f"nautilus_trader.{module}")
    return [getattr(loaded, name) for name in names]


def submitting() -> tuple[Callable[[], Any], Callable[[Any], object]]:
    """One limit order from SubmitOrder to the execution engine's door."""
    clocks = _from("common.component", "TestClock", "MessageBus")
    clock, bus_class = clocks[0](), clocks[1]
    ids, stubs, events = (
        _from("test_kit.stubs.identifiers", "TestIdStubs")[0],
        _from("test_kit.stubs.component", "TestComponentStubs")[0],
        _from("test_kit.stubs.events", "TestEventStubs")[0],
    )
    trader = ids.trader_id()
    bus, cache = bus_class(trader_id=trader, clock=clock), stubs.cache()
    portfolio = _from("portfolio.portfolio", "Portfolio")[0](msgbus=bus, cache=cache, clock=clock)
    portfolio.update_account(events.cash_account_state(account_id=ids.account_id()))
    engine_class, config_class = (
        _from("risk.engine", "RiskEngine")[0],
        _from("risk.config", "RiskEngineConfig")[0],
    )
    rate = "100000000/00:00:01"
    config = config_class(max_order_submit_rate=rate, max_order_modify_rate=rate)
    engine = engine_class(portfolio=portfolio, msgbus=bus, cache=cache, clock=clock, config=config)
    passed: list[None] = []
    bus.register(endpoint="ExecEngine.execute", handler=lambda _command: passed.append(None))
    engine.start()
    instruments = _from("test_kit.providers", "TestInstrumentProvider")[0]
    stock = instruments.equity("AAPL", "SIM")
    cache.add_instrument(stock)
    data = _from("test_kit.stubs.data", "TestDataStubs")[0]
    cache.add_quote_tick(data.quote_tick(stock, bid_price=99.99, ask_price=100.01))
    commands = _commands(trader, ids.strategy_id(), stock, clock)
    engine.execute(next(commands))
    if not passed:
        raise RuntimeError("NautilusTrader denied the order that is measured")
    return (lambda: next(commands)), engine.execute


def _commands(trader: Any, strategy: Any, stock: Any, clock: Any) -> Any:
    factory_class = _from("common.factories", "OrderFactory")[0]
    submit = _from("execution.messages", "SubmitOrder")[0]
    uuid = _from("core.uuid", "UUID4")[0]
    side = _from("model.enums", "OrderSide")[0]
    factory = factory_class(trader_id=trader, strategy_id=strategy, clock=clock)
    made = []
    for _ in range(30_000):
        order = factory.limit(
            stock.id, side.BUY, stock.make_qty(10), stock.make_price(Decimal("100.01"))
        )
        made.append(
            submit(
                trader_id=trader,
                strategy_id=strategy,
                position_id=None,
                order=order,
                command_id=uuid(),
                ts_init=0,
            )
        )
    return iter(made)
