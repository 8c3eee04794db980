"""A run's hyperparameters: a mapping whose keys are written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tracker.capture import scrub
from tracker.client.values import flatten
from tracker.errors import RunciteError
from tracker.snapshot import Scalar


class Config(Mapping[str, Scalar]):
    """What `run.config` is: dotted names to stored values.

    `update` and item assignment add keys and never raise; a key that has another value already keeps it, and the
    record says that somebody tried.
    """

    def __init__(self) -> None:
        self._values: dict[str, Scalar] = {}
        self._early: list[tuple[str, str]] = []
        self._wrote: Callable[[dict[str, Scalar]], None] = lambda added: None
        self._noticed: Callable[[str, str], None] = lambda code, text: self._early.append((code, text))

    def attach(self, wrote: Callable[[dict[str, Scalar]], None], noticed: Callable[[str, str], None]) -> None:
        """From now on, tell `wrote` what is added and `noticed` what was wrong, as well as what was wrong so far."""
        self._wrote, self._noticed = wrote, noticed
        for code, message in self._early:
            noticed(code, message)
        self._early.clear()

    def __getitem__(self, key: str) -> Scalar:
        return self._values[key]

    def __setitem__(self, key: str, value: object) -> None:
        self.update({key: value})

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Config({self._values!r})"

    def update(self, values: object = (), /, **more: object) -> None:
        """Add hyperparameters. Nested ones become dotted keys, and a secret among them is not kept."""
        try:
            flat, notes = flatten(values if values != () else {})
            extra, others = flatten(more)
        except RunciteError as error:
            self._noticed("config-not-kept", error.message)
            return
        clean, secrets = scrub.mapping(flat | extra, "config")
        for secret in secrets:
            self._noticed("config-scrubbed", f"{secret.where} held a secret ({secret.why}), which was not recorded")
        added: dict[str, Scalar] = {}
        for key, value in clean.items():
            if key not in self._values:
                added[key] = self._values[key] = value
            elif not _same(self._values[key], value):
                self._noticed(
                    "config-rewritten",
                    f"config {key!r} is {self._values[key]!r} and stays so; {value!r:.80} was not taken",
                )
        for note in notes + others:
            self._noticed("config-changed", note)
        if added:
            self._wrote(added)


def _same(a: Scalar, b: Scalar) -> bool:
    return a == b and isinstance(a, bool) == isinstance(b, bool)
