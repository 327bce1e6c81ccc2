"""Randomness that can be repeated: the same names give the same numbers."""

from __future__ import annotations

from random import Random

Chance = Random


def chance(*names: object) -> Chance:
    """A generator of its own for `names`, e.g. a seed and a purpose."""
    return Random("-".join(map(str, names)))  # noqa: S311 -- a simulation, to be repeated


def below(chance: Chance, limit: int) -> int:
    """A number from 0 up to and without `limit`: what `randrange` draws, in a third of the time."""
    bits = limit.bit_length()
    drawn = chance.getrandbits(bits)
    while drawn >= limit:
        drawn = chance.getrandbits(bits)
    return drawn
