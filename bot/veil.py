"""What nobody sees before a board closes: values of its private split, and who is who. Pure."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from bot.claims.metrics import meaning
from tracker.record import Record, Rules

_ANIMALS = [
    "Albatross",
    "Alpaca",
    "Axolotl",
    "Badger",
    "Bison",
    "Bittern",
    "Caracal",
    "Chamois",
    "Cormorant",
    "Coyote",
    "Curlew",
    "Dormouse",
    "Egret",
    "Eland",
    "Falcon",
    "Ferret",
    "Gannet",
    "Gazelle",
    "Gecko",
    "Gibbon",
    "Grouse",
    "Hare",
    "Heron",
    "Hoopoe",
    "Ibex",
    "Ibis",
    "Impala",
    "Jackdaw",
    "Jerboa",
    "Kestrel",
    "Kingfisher",
    "Kudu",
    "Lapwing",
    "Lemur",
    "Linnet",
    "Lynx",
    "Marmot",
    "Marten",
    "Merlin",
    "Narwhal",
    "Nightjar",
    "Ocelot",
    "Oriole",
    "Osprey",
    "Otter",
    "Ouzel",
    "Pangolin",
    "Petrel",
    "Pika",
    "Plover",
    "Puffin",
    "Quokka",
    "Raven",
    "Redstart",
    "Saola",
    "Serval",
    "Siskin",
    "Stoat",
    "Swift",
    "Tapir",
    "Tern",
    "Vole",
    "Wombat",
    "Wren",
]


def is_open(rules: Rules, now: int) -> bool:
    """Whether the board has a time to close, and it has not come."""
    return rules.closes is not None and now < rules.closes


def hidden(record: Record, rules: Rules, now: int) -> tuple[str, ...]:
    """The run's metrics that nobody sees yet."""
    if rules.private_split is None or not is_open(rules, now):
        return ()
    return tuple(name for name in record.metrics if meaning(name)[1] == rules.private_split)


def veiled(record: Record, rules: Rules, now: int) -> Record:
    """The record without what nobody sees yet."""
    names = hidden(record, rules, now)
    if not names:
        return record
    shown = {name: summary for name, summary in record.metrics.items() if name not in names}
    return msgspec.structs.replace(record, metrics=shown)


def masked(record: Record, rules: Rules, now: int, secret: str, viewer: str | None = None) -> Record:
    """The record under its member's pseudonym, where the board has such; the viewer's own runs keep their name."""
    if not rules.pseudonyms or not is_open(rules, now) or record.member is None or record.member == viewer:
        return record
    return msgspec.structs.replace(record, member=pseudonym(record.project, record.member, secret), name=None)


def pseudonym(project: str, handle: str, secret: str) -> str:
    """`Otter 417`: always the same for a member of a project, and not to be found out without the secret."""
    drawn = hmac.new(secret.encode(), f"{project}\n{handle}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(drawn[:8], "big")
    return f"{_ANIMALS[number % len(_ANIMALS)]} {number // len(_ANIMALS) % 1000:03}"
