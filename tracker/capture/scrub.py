"""Remove secrets before a byte leaves the process, and say what was removed, never the secret itself.

A secret is found by its shape (a known kind of token), by its name (`password=…`, `--api-key …`) or, where it
has neither, by looking random. Scrubbing what was scrubbed changes nothing. Every function takes any text
and none raises; the time is linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import urlsplit

from tracker.capture.names import SCRUBBED, betrays, promise, random_like
from tracker.capture.shapes import SHAPES, Shape, compiled
from tracker.snapshot import Scalar, Scrubbed

_ROUNDS = 4
_KEYWORD = (
    r"(?i)pass(?:word|wd|phrase)|pwd|secret|credential|token|key|auth|cookie|dsn|webhook_url"
    r"|(?<![a-z])(?:pat|sas|pass)(?![a-z])"
)
_BEFORE = r"(--?)?[\w.-]{0,60}$"
_AFTER = (
    r"([\w-]{0,40})[\"'`\]]{0,3}(\s{0,3}(?::|=>|:?=)\s{0,3}|\s{1,2})"
    r"(?:\"([^\"\n]{1,120})|'([^'\n]{1,120})|([^\s\"'`&;,}=]{1,120}={0,2}))"
)
_REST = {3: r"[^\"\n]*", 4: r"[^'\n]*", 5: r"[^\s\"'`&;,}]*"}
_TELLING = ("pass", "pwd", "secret", "credential", "token", "key", "auth", "cookie", "dsn", "webhook", "pat", "sas")
_WORD = r"[A-Za-z0-9+/_=~-]{20,}"
_Mark = Callable[[str], None]


def text(content: str, where: str) -> tuple[str, tuple[Scrubbed, ...]]:
    """`content` without the secrets in it; each is replaced by `[scrubbed]` and told once, as standing in `where`."""
    found: list[Scrubbed] = []

    def mark(why: str) -> None:
        if (told := Scrubbed(where, why)) not in found:
            found.append(told)

    for _ in range(_ROUNDS):
        cleaned = _by_randomness(_by_name(by_shape(content, mark), mark), mark)
        if cleaned == content:
            return cleaned, tuple(found)
        content = cleaned
    return SCRUBBED, tuple(found)


def by_shape(content: str, mark: _Mark) -> str:
    """`content` without secrets of a known shape; `mark` is told the kind of each."""
    for shape in SHAPES:
        if len(content) >= shape.least and any(hint in content for hint in shape.hints):
            content = compiled(shape).sub(partial(_cover, shape, mark), content)
    return content


def _cover(shape: Shape, mark: _Mark, match: re.Match[str]) -> str:
    mark(shape.name)
    whole = match[0]
    if match.lastindex is None:
        return SCRUBBED
    start, end = match.span(1)
    return whole[: start - match.start()] + SCRUBBED + whole[end - match.start() :]


def _by_name(content: str, mark: _Mark) -> str:
    lower = content.lower()
    if not any(word in lower for word in _TELLING):
        return content
    pieces: list[str] = []
    done = 0
    for start, end, rest, name in _named(content):
        if start >= done and betrays(name, content[start:end]):
            mark(f"the name {name[:60]!r}")
            pieces += [content[done:start], SCRUBBED]
            tail = re.compile(rest).match(content, end)
            done = tail.end() if tail else end
    return "".join([*pieces, content[done:]])


def _named(content: str) -> Iterator[tuple[int, int, str, str]]:
    """Where values stand in a text beside a name that may promise a secret: start, end (at most 120 characters
    on), what the value goes on with, the name."""
    before_it, after_it = re.compile(_BEFORE), re.compile(_AFTER)
    for keyword in re.finditer(_KEYWORD, content):
        before = before_it.search(content, max(0, keyword.start() - 64), keyword.start())
        after = after_it.match(content, keyword.end())
        if before is None or after is None:
            continue
        group = after.lastindex or 5
        if after[2].isspace() and not before[1]:
            continue  # "the secret life": only an option takes its value after a mere space
        name = (before[0] + keyword[0] + after[1]).lstrip("-.")
        yield after.start(group), after.end(group), _REST[group], name


def _by_randomness(content: str, mark: _Mark) -> str:
    def judge(match: re.Match[str]) -> str:
        if not random_like(match[0]):
            return match[0]
        mark("looks random")
        return SCRUBBED

    return re.sub(_WORD, judge, content) if len(content) >= 20 else content


def named(name: str, content: str, where: str) -> tuple[str, tuple[Scrubbed, ...]]:
    """The text `content` that stands under `name`, scrubbed by what the name says, and as any text is."""
    if betrays(name, content):
        return SCRUBBED, (Scrubbed(where, f"the name {name[:60]!r}"),)
    return text(content, where)


def argv(arguments: Sequence[str]) -> tuple[tuple[str, ...], tuple[Scrubbed, ...]]:
    """Command-line arguments, scrubbed; `--password VALUE` in two arguments included."""
    kept: list[str] = []
    found: list[Scrubbed] = []
    option = ""
    for position, argument in enumerate(arguments):
        clean, secrets = (
            named(option, argument, f"argument {position}") if option else text(argument, f"argument {position}")
        )
        kept.append(clean)
        found += secrets
        flag = argument.startswith("-") and "=" not in argument and " " not in argument
        option = argument.lstrip("-") if flag and promise(argument.lstrip("-")) != "none" else ""
    return tuple(kept), tuple(found)


def mapping(values: Mapping[str, Scalar], where: str) -> tuple[dict[str, Scalar], tuple[Scrubbed, ...]]:
    """Named values, such as environment variables or a config, scrubbed; what is no text is left as it is,
    but for a number under the name of a password."""
    kept: dict[str, Scalar] = {}
    found: list[Scrubbed] = []
    for name, value in values.items():
        place = f"{where} {text(str(name), '')[0]}"
        if isinstance(value, str):
            clean, secrets = named(str(name), value, place)
            kept[name] = clean
            found += secrets
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > 999 and promise(name) == "strong":
            kept[name] = SCRUBBED
            found.append(Scrubbed(place, f"the name {name[:60]!r}"))
        else:
            kept[name] = value
    return kept, tuple(found)


def remote(url: str, where: str) -> tuple[str, tuple[Scrubbed, ...]]:
    """A repository's address without credentials: over HTTP nothing before the @ is kept, a user name neither."""
    try:
        parts = urlsplit(url)
        user, at, host = parts.netloc.rpartition("@")
    except ValueError:
        return text(url, where)
    if parts.scheme not in {"http", "https"} or not at:
        return text(url, where)
    clean, secrets = text(parts._replace(netloc=host).geturl(), where)
    if user == SCRUBBED:
        return clean, secrets
    return clean, (Scrubbed(where, "credentials in the address"), *secrets)
