from decimal import Decimal

from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.position import Position
from cockpit.domain.protection import Protection
from cockpit.trading.orders import OrderBook
from cockpit.ui.models.exits import NO_STOP, exits_of

D = Decimal
LONG = Position(account_id="A", symbol="ABC", quantity=D(10), average_cost=D(100))


def put(book: OrderBook, name: str, state: OrderState = OrderState.WORKING, **given) -> None:
    wish = {
        "intent_id": name, "account_id": "A", "symbol": "ABC", "side": Side.SELL,
        "type": OrderType.STOP, "quantity": D(10), "stop_price": D(99), **given,
    }  # fmt: skip
    book.put(Order(client_order_id=name, intent=OrderIntent(**wish), state=state))


def test_what_protects_a_position_in_words():
    book = OrderBook()
    assert exits_of(Position(account_id="A", symbol="ABC"), book) == ""
    assert exits_of(LONG, book) == NO_STOP
    put(
        book, "entry", OrderState.FILLED, side=Side.BUY, type=OrderType.MARKET, stop_price=None,
        protection=Protection(stop=D(99), target=D(103)),
    )  # fmt: skip
    put(book, "exit", protects="entry")
    assert exits_of(LONG, book) == "99.00 / 103.00"


def test_a_stop_for_a_part_says_so_and_a_target_under_way_too():
    book = OrderBook()
    put(book, "mine", quantity=D(4))
    assert exits_of(LONG, book) == "99.00 for 4 of 10"
    put(book, "mine", OrderState.CANCELED)
    put(book, "t", type=OrderType.LIMIT, stop_price=None, limit_price=D(103), protects="entry")
    assert exits_of(LONG, book) == "At target"
