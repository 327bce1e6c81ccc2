from dataclasses import asdict

import pytest

from cockpit.ui.theme.tokens import Scheme, contrast, palette

LOOKS = [(scheme, swap) for scheme in Scheme for swap in (False, True)]
WORDS = ("text", "muted", "faint", "accent", "up", "down", "notice", "warning", "critical",
         "demo", "replay", "paper", "live", "link_1", "link_2", "link_3", "link_4",
         "link_5")  # fmt: skip
GROUNDS = ("canvas", "surface", "raised")
ON = (("on_accent", "accent"), ("on_up", "up"), ("on_down", "down"), ("on_critical", "critical"),
      ("up", "up_soft"), ("down", "down_soft"), ("warning", "warning_soft"),
      ("critical", "critical_soft"), ("accent", "accent_soft"), ("text", "accent_soft"),
      ("text", "hover"), ("muted", "hover"))  # fmt: skip


def test_contrast_is_wcags():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("scheme", "swap"), LOOKS)
def test_every_word_can_be_read_on_every_ground(scheme, swap):
    colours = asdict(palette(scheme, blue_orange=swap))
    pairs = [(word, ground) for word in WORDS for ground in GROUNDS] + list(ON)
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize(("scheme", "swap"), LOOKS)
def test_every_word_of_a_row_can_be_read_while_it_is_chosen_or_flashes(scheme, swap):
    colours = asdict(palette(scheme, blue_orange=swap))
    words = ("text", "muted", "accent", "up", "down", "warning", "critical")
    grounds = ("hover", "accent_soft", "up_soft", "down_soft")
    pairs = [(word, ground) for word in words for ground in grounds] + [("faint", "accent_soft")]
    weak = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


def test_blue_and_orange_change_only_gains_and_losses():
    plain, swapped = asdict(palette(Scheme.DARK)), asdict(palette(Scheme.DARK, blue_orange=True))
    changed = {role for role in plain if plain[role] != swapped[role]}
    assert changed == {"up", "up_soft", "on_up", "down", "down_soft", "on_down"}


def test_gains_losses_and_nothing_have_their_colours():
    colours = palette(Scheme.LIGHT)
    assert [colours.signed(v) for v in (1, -1, 0)] == [colours.up, colours.down, colours.text]
