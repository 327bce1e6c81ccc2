"""The window's way to an account: a real desk, a real vault file, a toy venue over sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from cockpit.app.signing.choosing import LIVE_LIMITS
from cockpit.app.signing.desk import AccountDesk
from cockpit.domain.account import Mode
from cockpit.kernel.clock import WallClock
from cockpit.ui.dialogs.account import AccountDialog, ask_account
from cockpit.ui.dialogs.accounts import AccountsDialog
from cockpit.ui.dialogs.first_run import Beginning, FirstRunDialog
from cockpit.ui.dialogs.live import LiveDialog
from cockpit.ui.dialogs.passphrase import PassphraseDialog
from cockpit.ui.landmarks import shown_text
from cockpit.ui.theme import Theme
from tests.support.vaults import file_vault
from tests.support.waiting import eventually
from tests.toyserver import KEY_ID, SECRET_KEY, Fault, ToyServer

Spawned = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@pytest.fixture(autouse=True)
def goes_on_without_a_window(qapp: QApplication) -> Iterator[None]:
    """As the program's own application does."""
    before = qapp.quitOnLastWindowClosed()
    qapp.setQuitOnLastWindowClosed(False)
    yield
    qapp.setQuitOnLastWindowClosed(before)


@pytest.fixture
async def toy(qtbot) -> AsyncIterator[ToyServer]:
    async with ToyServer() as server:
        yield server


@pytest.fixture
async def spawn(qtbot) -> AsyncIterator[Spawned]:
    tasks: list[asyncio.Task[None]] = []

    def start(body: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        tasks.append(asyncio.create_task(body, name=name))
        return tasks[-1]

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def desk_at(toy: ToyServer, folder: Path, **more: Any) -> AccountDesk:
    where = {"trading_url": toy.url, "trading_stream_url": toy.stream_url, "data_url": toy.url}
    toml = {"brokers": {"alpaca": where | {"answer_timeout_s": 2.0}}, **more}
    return AccountDesk(toml, folder, file_vault(folder), WallClock())


@pytest.fixture
def dialog(qtbot, toy: ToyServer, spawn: Spawned, tmp_path: Path) -> AccountDialog:
    made = AccountDialog(Theme(), None, desk_at(toy, tmp_path), spawn)
    made.broker.setCurrentIndex(made.broker.findData("alpaca"))
    qtbot.addWidget(made)
    made.show()
    return made


def type_keys(dialog: AccountDialog, secret: str = SECRET_KEY) -> None:
    dialog.keys.fields["key_id"].setText(KEY_ID)
    dialog.keys.fields["secret"].setText(secret)


async def test_it_begins_with_a_free_name_and_hidden_empty_fields(dialog: AccountDialog) -> None:
    assert dialog.name.text() == "alpaca-paper"
    assert dialog.chosen_mode is Mode.PAPER
    assert not dialog.go.isEnabled()
    assert not dialog.typed.isVisible()
    for field in dialog.keys.fields.values():
        assert field.echoMode() is QLineEdit.EchoMode.Password
        assert field.accessibleName()
    type_keys(dialog)
    assert dialog.go.isEnabled()


async def test_a_broker_that_is_read_only_is_not_called_real_money(dialog: AccountDialog) -> None:
    dialog.broker.setCurrentIndex(dialog.broker.findData("robinhood"))
    assert dialog.mode.currentText() == "Live, read only"
    assert not dialog.typed.isVisible(), "nothing is to be confirmed"
    assert "limits" not in dialog.note.text()


async def test_what_is_typed_is_never_told_to_the_landmarks(dialog: AccountDialog) -> None:
    type_keys(dialog)
    told = [shown_text(widget) for widget in dialog.findChildren(QWidget)]
    assert not any(SECRET_KEY in text or KEY_ID in text for text in told)


async def test_keys_that_work_are_stored(dialog: AccountDialog, tmp_path: Path, qtbot) -> None:
    type_keys(dialog)
    qtbot.keyClick(dialog.keys.fields["secret"], Qt.Key.Key_Return)
    assert not dialog.go.isEnabled()
    assert dialog.busy.isVisible()
    await eventually(lambda: not dialog.isVisible())
    assert dialog.added is not None
    assert dialog.added[0].name == "alpaca-paper"
    assert all(not field.text() for field in dialog.keys.fields.values()), "emptied"
    assert await file_vault(tmp_path).get("accounts/alpaca-paper/secret") == SECRET_KEY


async def test_keys_that_are_refused_stay_for_another_try(dialog: AccountDialog) -> None:
    type_keys(dialog, "wrong")
    dialog.add()
    await eventually(lambda: "does not accept" in dialog.note.text())
    assert "Nothing was stored" in dialog.note.text()
    assert dialog.isVisible()
    assert not dialog.busy.isVisible()
    assert dialog.keys.fields["secret"].text() == "wrong"
    type_keys(dialog)
    dialog.add()
    await eventually(lambda: dialog.added is not None)


async def test_trying_can_be_stopped(dialog: AccountDialog, toy: ToyServer, qtbot) -> None:
    toy.faults.plan("GET /v2/account", Fault.STALLED)
    type_keys(dialog)
    dialog.add()
    await eventually(lambda: toy.count("GET", "/v2/account") == 1)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    await eventually(lambda: dialog.note.text() == "Stopped. Nothing was stored.")
    assert dialog.isVisible(), "the first Escape stops the trying only"
    assert dialog.go.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


async def test_closing_the_window_meanwhile_leaves_nothing_behind(
    toy: ToyServer, spawn: Spawned, tmp_path: Path, qtbot
) -> None:
    toy.faults.plan("GET /v2/account", Fault.STALLED)
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    asking = asyncio.create_task(ask_account(Theme(), parent, desk_at(toy, tmp_path), spawn))
    await eventually(lambda: bool(parent.findChildren(AccountDialog)))
    dialog = parent.findChildren(AccountDialog)[0]
    type_keys(dialog)
    dialog.add()
    await eventually(lambda: toy.count("GET", "/v2/account") == 1)
    asking.cancel()
    await asyncio.wait({asking})
    assert await file_vault(tmp_path).get("accounts/alpaca-paper/secret") is None


async def test_real_money_needs_limits_then_the_typed_name(
    dialog: AccountDialog, toy: ToyServer, spawn: Spawned, tmp_path: Path, qtbot
) -> None:
    type_keys(dialog)
    dialog.mode.setCurrentIndex(dialog.mode.findData(Mode.LIVE.value))
    assert dialog.name.text() == "alpaca-live"
    assert "max_order_value" in dialog.note.text()
    assert not dialog.go.isEnabled()
    limited = desk_at(toy, tmp_path, limits=dict.fromkeys(LIVE_LIMITS, 1))
    other = AccountDialog(Theme(), None, limited, spawn)
    qtbot.addWidget(other)
    other.show()
    other.broker.setCurrentIndex(other.broker.findData("alpaca"))
    other.mode.setCurrentIndex(other.mode.findData(Mode.LIVE.value))
    type_keys(other)
    assert other.typed.isVisible()
    assert not other.go.isEnabled()
    other.typed.setText("alpaca-live")
    assert other.go.isEnabled()


async def test_the_list_tests_and_removes(
    toy: ToyServer, spawn: Spawned, tmp_path: Path, qtbot
) -> None:
    desk = desk_at(toy, tmp_path)
    given = {"key_id": KEY_ID, "secret": SECRET_KEY}
    shown = AccountsDialog(Theme(), None, desk, spawn)
    qtbot.addWidget(shown)
    shown.show()
    assert shown.stack.currentWidget() is shown.empty
    assert not shown.test_button.isEnabled()
    assert not shown.remove_button.isEnabled()
    await desk.add("main", "alpaca", Mode.PAPER, given, tell=lambda _text: None)
    shown.refresh()
    assert shown.stack.currentWidget() is shown.table
    assert [shown.table.item(0, c).text() for c in range(4)] == [
        "main", "Alpaca", "PAPER", "...0001",
    ]  # fmt: skip
    shown.test()
    assert not shown.add_button.isEnabled(), "one thing at a time"
    await eventually(lambda: shown.note.text().startswith("main works."))
    toy.keys = ("another", "pair")
    await eventually(shown.test_button.isEnabled)
    shown.test()
    await eventually(lambda: "does not accept" in shown.note.text())


async def test_the_first_start_offers_the_demo_in_one_click(qtbot) -> None:
    welcome = FirstRunDialog(Theme(), None)
    qtbot.addWidget(welcome)
    welcome.show()
    qtbot.keyClick(welcome, Qt.Key.Key_Return)
    assert welcome.choice is Beginning.DEMO
    again = FirstRunDialog(Theme(), None)
    qtbot.addWidget(again)
    again.show()
    again.buttons[Beginning.ACCOUNT].click()
    assert again.choice is Beginning.ACCOUNT


async def test_a_passphrase_is_typed_twice_for_a_new_vault(qtbot, tmp_path: Path) -> None:
    new = PassphraseDialog(Theme(), None, tmp_path / "v", "", new=True)
    qtbot.addWidget(new)
    assert new.again is not None
    for first, second, ready in (
        ("short", "short", False),
        ("long enough", "other", False),
        ("long enough", "long enough", True),
    ):
        new.field.setText(first)
        new.again.setText(second)
        assert new.go.isEnabled() is ready
    known = PassphraseDialog(Theme(), None, tmp_path / "v", "That passphrase is wrong.", new=False)
    qtbot.addWidget(known)
    assert known.again is None
    assert known.note.text() == "That passphrase is wrong."
    known.field.setText("x")
    assert known.go.isEnabled()
    assert "x" not in shown_text(known.field)


async def test_real_money_opens_only_with_the_whole_name(qtbot) -> None:
    asked = LiveDialog(Theme(), None, "main", [("max order value", "500")])
    qtbot.addWidget(asked)
    for typed, ready in (("", False), ("mai", False), ("MAIN", False), ("main", True)):
        asked.field.setText(typed)
        assert asked.go.isEnabled() is ready


async def test_a_picture_of_the_dialogs_shows_nothing_of_what_was_typed(
    dialog: AccountDialog, tmp_path: Path, qtbot
) -> None:
    def picture(of: QWidget) -> QImage:
        for field in of.findChildren(QLineEdit):
            field.clearFocus()  # its cursor blinks
        return of.grab().toImage()

    type_keys(dialog, "a" * 40)
    seen = picture(dialog)
    type_keys(dialog, "W" * 40)
    assert picture(dialog) == seen
    dialog.keys.shown.setChecked(True)
    assert picture(dialog) != seen, "so a picture would show it"

    passphrase = PassphraseDialog(Theme(), None, tmp_path / "v", "", new=True)
    qtbot.addWidget(passphrase)
    passphrase.show()
    fields = passphrase.findChildren(QLineEdit)
    pictures: list[QImage] = []
    for letter in "iW":
        for field in fields:
            field.setText(letter * 20)
        pictures.append(picture(passphrase))
    assert fields
    assert pictures[0] == pictures[1]
