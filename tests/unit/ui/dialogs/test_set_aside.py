from cockpit.kernel.clock import SECOND
from cockpit.market.quality import Quality
from cockpit.ports.feed import RawQuote
from cockpit.ui.dialogs.set_aside import SetAsideDialog
from cockpit.ui.theme import Theme

TEN = 1_514_905_200 * SECOND


def test_what_was_not_believed_is_listed_newest_first_and_followed(qtbot):
    quality = Quality()
    dialog = SetAsideDialog(Theme(), None, quality)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "0 set aside" in dialog.counts.text()
    quality.check_quote(RawQuote("ABC", 10.0, 10.02, 1.0, 1.0, TEN), TEN)
    quality.check_quote(RawQuote("ABC", 10.03, 10.02, 1.0, 1.0, TEN + SECOND), TEN + SECOND)
    quality.quarantine("unreadable", "of 'XYZ', which nobody asked for")
    dialog.refresh()
    assert dialog.counts.text() == "1 believed, 2 set aside: 1 crossed, 1 unreadable."
    keys = dialog.rows.keys()
    first, second = (dialog.rows.row(key).values for key in keys)
    assert first[:3] == ("", "unreadable", "of 'XYZ', which nobody asked for")
    assert second[:3] == ("10:00:01", "crossed", "quote ABC bid 10.03 x 1.0 ask 10.02 x 1.0")
    assert second[3] == "bid above ask"
