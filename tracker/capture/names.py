"""Names and values: does a name promise a secret, and does a value look like one?

A machine-learning vocabulary is full of tokens and keys that are no secrets (`max_tokens`, `pad_token`,
`key_dim`), so a name is read word by word, and a weak one ("token", "key") convinces only together with a
value that looks made by a random generator.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

SCRUBBED = "[scrubbed]"
Promise = Literal["strong", "weak", "none"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONG = _words(
    "password passwd passphrase pwd secret secrets credential credentials apikey secretkey accesskey authtoken "
    "accesstoken privatekey"
)
_ENDINGS = ("password", "passwd", "passphrase", "apikey", "secretkey")
_PAIRS = frozenset(
    tuple(pair.split("_"))
    for pair in _words(
        "api_key api_keys api_token access_key access_token secret_key private_key auth_token auth_key bearer_token "
        "refresh_token client_secret bot_token app_token encryption_key signing_key account_key hf_token hub_token "
        "github_token gh_token gitlab_token slack_token wandb_key session_token user_token id_token deploy_key "
        "deploy_token service_key license_key master_key shared_key webhook_url pass_phrase"
    )
)
_WEAK = _words("token key auth pat cookie dsn sas pass")
_BENIGN = _words(
    "num max min n count counts pad bos eos unk mask cls sep special per len length size dim dims type types id ids "
    "file path dir folder name names public primary foreign sort group order cache budget ratio rate embedding "
    "embeddings new limit enabled required policy prefix suffix index position column cols hash digest version scope "
    "expires expiry ttl env var arn mode drop dropout head heads query value merge join image img vocab class classes "
    "step steps epoch loss metric state random prng"
)
_HUMPS = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
_SPLIT = r"[^A-Za-z0-9]+"

_EMPTY = _words(
    "none null nil true false yes no on off str int float bool bytes object any optional string self env prompt ask "
    "default auto unset undefined required missing invalid expired redacted hidden masked"
)
_REFERENCE = r"(?i)\$|%\w+%$|<|\{\{|\*{3,}|x{4,}$|\.{3}|…|env:|file:|vault:|secret://|oc\.env"
_EXPRESSION = r"[A-Za-z_][\w.]*[(\[]"
_PATH = r"(?:~|\.{1,2})?/[\w.@+-]+(?:/[\w.@+-]*)*|[A-Za-z]:\\[^:*?\"<>|]*"
_UUID = r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_HEX = r"(?:0x|sha\d*[-:]|md5[-:])?[0-9a-f]+|[0-9A-F]+"
_NUMBER = r"[-+]?[0-9][0-9_.,:eE+-]*"
_BREAKS = r"[-_/+=.~]+"


def promise(name: str) -> Promise:
    """What a name says about its value: "strong" (a password), "weak" (a token or key of some kind), "none"."""
    words = [word.lower() for part in re.split(_SPLIT, name[-200:]) for word in re.split(_HUMPS, part) if word]
    if not words or _BENIGN.intersection(words[-1:]) or words[-1] in {"tokens", "keys", "tokenizer"}:
        return "none"
    if _STRONG.intersection(words) or words[-1].endswith(_ENDINGS) or any(pair in _PAIRS for pair in pairwise(words)):
        return "strong"
    if words[-1] in _WEAK and not _BENIGN.intersection(words):
        return "weak"
    return "none"


def betrays(name: str, value: str) -> bool:
    """Whether `value` under `name` is a secret to be removed."""
    kind = promise(name)
    value = value.strip()
    if kind == "none" or not value or value == SCRUBBED or not _says_something(value):
        return False
    if kind == "strong":
        return True
    last = name.lower().rstrip("s")
    if re.fullmatch(_UUID, value):
        return not last.endswith("key")
    return len(value) >= 16 and not re.search(r"\s", value) and (_hex_key(value) or random_like(value, 16))


def _says_something(value: str) -> bool:
    """Whether `value` can be a secret itself, rather than nothing, a reference, a path, or an expression."""
    if value.lower().strip("<>[]()'\"") in _EMPTY or len(value) < 3:
        return False
    if re.match(_REFERENCE, value) or re.match(_EXPRESSION, value):
        return False
    if re.fullmatch(_PATH, value) and not random_like(value):
        return False
    return promise(value) == "none" or not re.fullmatch(r"[A-Za-z_.]+", value)


def _hex_key(value: str) -> bool:
    return len(value) >= 24 and bool(re.fullmatch(r"[0-9a-fA-F]+", value)) and not value.isdigit()


def random_like(word: str, least: int = 28) -> bool:
    """Whether a random generator wrote `word`, as far as its letters tell.

    Never for what is known to look random and is no secret: hex digests, UUIDs, numbers. A path, a file name
    or a list of words is judged by its longest unbroken piece, which must have `least` characters.
    """
    if len(word) < least or re.fullmatch(_HEX, word) or re.fullmatch(_UUID, word) or re.fullmatch(_NUMBER, word):
        return False
    pieces = [piece for piece in re.split(_BREAKS, word) if piece]
    longest = max(pieces, key=len, default="")
    if len(longest) >= least:
        return _mixed(longest)
    whole = "".join(pieces)
    return len(whole) >= least + 4 and len(whole) >= 9 * len(pieces) and len(longest) >= 12 and _mixed(whole)


def _mixed(block: str) -> bool:
    """Whether letters and digits change places as often as chance makes them.

    In random text over 62 symbols neighbours are of different kinds (lower, upper, digit) in 62 of 100
    places, over 36 symbols in 40; in camel-case names in about 25.
    """
    if re.fullmatch(_HEX, block):
        return False
    kinds = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in block]
    changes = sum(a != b for a, b in pairwise(kinds)) / max(len(block) - 1, 1)
    present = set(kinds)
    if len(set(block)) < min(12, len(block) * 0.5) or present <= {"d"}:
        return False
    if len(present) == 3:
        return kinds.count("d") >= 2 and changes >= 0.36
    if "d" in present:
        return changes >= 0.25 and kinds.count("d") >= 3
    return len(present) == 2 and changes >= 0.38
