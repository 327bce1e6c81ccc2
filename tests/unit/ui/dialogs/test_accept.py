from __future__ import annotations

from decimal import Decimal

import pytest

from cockpit.domain.recovery import Difference, RecoveryPhase
from cockpit.ui.dialogs.accept import AcceptDialog
from cockpit.ui.panels.recovery_banner import differences_words
from cockpit.ui.theme import Theme
from cockpit.ui.words import RECOVERY_LOOKS


def differ(symbol: str, here: int, at_broker: int) -> Difference:
    return Difference(symbol, Decimal(here), Decimal(at_broker))


ONE, OTHER = differ("ABC", 10, 20), differ("XYZ", 0, -5)


@pytest.fixture
def dialog(qtbot):
    def opened(*differences: Difference, live: bool = False) -> AcceptDialog:
        made = AcceptDialog(Theme(), None, differences, live=live)
        qtbot.addWidget(made)
        return made

    return opened


def test_a_single_difference_is_ticked_and_named(dialog):
    asked = dialog(ONE)
    assert asked.choice == (ONE,)
    assert (asked.go.text(), asked.go.isEnabled()) == ("Accept ABC", True)
    assert asked.field is None
    assert asked.all_box is None


def test_of_several_nothing_is_ticked_and_all_can_be(dialog):
    asked = dialog(ONE, OTHER)
    assert asked.choice == ()
    assert not asked.go.isEnabled()
    asked.all_box.click()
    assert asked.choice == (ONE, OTHER)
    assert asked.go.text() == "Accept 2 positions"
    asked.boxes["ABC"].click()
    assert asked.choice == (OTHER,)
    assert not asked.all_box.isChecked()
    asked.boxes["ABC"].click()
    assert asked.all_box.isChecked()


def test_real_money_asks_for_the_typed_word(dialog):
    asked = dialog(ONE, live=True)
    assert not asked.go.isEnabled()
    asked.field.setText("acc")
    assert not asked.go.isEnabled()
    asked.field.setText("accept")
    assert asked.go.isEnabled()


def test_the_banner_names_the_first_few_and_counts_the_rest():
    many = tuple(differ(name, 1, 2) for name in "ABCDE")
    assert differences_words(many[:1]) == "A: 1 here, 2 at the broker"
    assert differences_words(many).endswith("C: 1 here, 2 at the broker; 2 more")


def test_every_phase_before_ready_is_a_word_and_a_shape():
    assert set(RECOVERY_LOOKS) == set(RecoveryPhase) - {RecoveryPhase.READY}
    assert len({look.mark for look in RECOVERY_LOOKS.values()}) == 3
    assert all(look.text and look.mark for look in RECOVERY_LOOKS.values())
