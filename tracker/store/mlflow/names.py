"""Names for runs that were given none. Pure but for the `rng`."""

from __future__ import annotations

from random import Random

_HOW = (
    "able bold brisk calm clear crisp deft eager fair gentle keen kind lively lucid neat quick quiet sharp steady wry"
)
_WHO = "badger crane dove eel finch gull hare ibis jay kite lark mole newt otter perch quail robin seal tern wren"


def made_up(rng: Random) -> str:
    """A name that people can say, such as calm-otter-417."""
    return f"{rng.choice(_HOW.split())}-{rng.choice(_WHO.split())}-{rng.randrange(1000)}"
