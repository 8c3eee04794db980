"""What callers pass, made storable: configs flattened, text cleaned, data sets digested. Never an import of theirs."""

from __future__ import annotations

import enum
import hashlib
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tracker.client.folders import Folder, digest_file, digest_folder, media_type
from tracker.errors import UsageError
from tracker.events import ArtifactLogged
from tracker.snapshot import Scalar, canonical


class Remembered(Protocol):
    """Digests of files, known or taken."""

    def file(self, path: Path) -> tuple[str, int]:
        """SHA-256 and size of a file's content."""


MAX_TEXT = 1_000_000
MAX_NAME = 500
MAX_LIST = 100
MAX_DEPTH = 20


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """`text` as every database can hold it: no NUL, no lone surrogate, at most `limit` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def name_of(text: str) -> str:
    """`text` as a name: clean, not empty, at most 500 characters."""
    return clean(text, MAX_NAME) or "unnamed"


def flatten(config: object) -> tuple[dict[str, Scalar], list[str]]:
    """A config as dotted keys and scalars, and a sentence for each value that had to be changed for it.

    Takes mappings, dataclasses, namespaces and other objects that keep their values in `__dict__`.

    Raises:
        UsageError: it is nothing of that.
    """
    table = _table(config)
    if table is None:
        raise UsageError(f"A config is a mapping of names to values, not {type(config).__name__}.")
    flat: dict[str, Scalar] = {}
    notes: list[str] = []
    for key, value in _leaves(table, "", 0):
        name = name_of(key)
        if name in flat:
            notes.append(f"config key {name!r} is given twice, nested and dotted; the first value was kept")
            continue
        flat[name], note = _scalar(value)
        if note:
            notes.append(f"config {name!r} {note}")
    return flat, notes


def _table(value: object) -> Mapping[Any, Any] | None:
    if isinstance(value, Mapping):
        return value
    dataclasses = sys.modules.get("dataclasses")  # where there is one, its library is loaded
    if dataclasses is not None and dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if type(value).__name__ == "Namespace" or type(value).__module__ == "types":
        return vars(value)
    return None


def _leaves(table: Mapping[Any, Any], prefix: str, depth: int) -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        inner = _table(value) if depth < MAX_DEPTH else None
        if inner:
            yield from _leaves(inner, f"{name}.", depth + 1)
        elif isinstance(value, list | tuple) and 0 < len(value) <= MAX_LIST and depth < MAX_DEPTH:
            yield from _leaves(dict(enumerate(value)), f"{name}.", depth + 1)
        else:
            yield name, value


def _scalar(value: object) -> tuple[Scalar, str]:
    """The value as it can be stored, and how it had to be changed ("" for not)."""
    if isinstance(value, enum.Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value, ""
    if isinstance(value, int):
        return (int(value), "") if -(2**63) <= value < 2**63 else (str(value), "is too large a number: stored as text")
    if isinstance(value, float):
        return (float(value) if math.isfinite(value) else _nonfinite(value)), ""
    if isinstance(value, str):
        text = clean(value)
        return text, "" if text == value else "was cut or cleaned: it was too long, or no valid text"
    if isinstance(value, Path):
        return clean(str(value)), ""
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", None) == 0:
        return _scalar(item())
    if isinstance(value, Mapping | list | tuple):
        if not value:
            return "{}" if isinstance(value, Mapping) else "[]", ""
        return clean(_json(value)), "is long: stored as JSON text"
    return clean(repr(value)), f"is of type {type(value).__name__}: stored as its text"


def _json(value: object) -> str:
    try:
        return msgspec.json.encode(value, enc_hook=repr).decode()
    except (TypeError, ValueError, OverflowError, RecursionError):
        return repr(value)


def _nonfinite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def artifact(folder: Folder, source: Path, name: str | None, kind: str) -> ArtifactLogged:
    """A file, or a folder with all its files, staged as it is now, and the event that names it.

    Raises:
        OSError: it can't be read, or there is no room.
    """
    whole = source.is_dir()
    digest, size = folder.keep_folder(source) if whole else folder.keep_sized(source)
    media = "inode/directory" if whole else media_type(source.name)
    called = name_of(name or source.name or source.absolute().name)
    return ArtifactLogged(called, digest, size, name_of(kind), whole, media)


def digest_data(
    data: object, remembered: Callable[[Path], AbstractContextManager[Remembered]] | None = None
) -> tuple[str, int, str | None]:
    """SHA-256 over the full content of a data set, its size in bytes, and where it was read from. `remembered` gives,
    for a path, what is known of the files there.

    A file by its bytes; a folder by its manifest (canonical JSON, path to digest); bytes as they are; an array or
    tensor by canonical JSON of its dtype and shape, then its values in C order; several of them (a tuple, a list, a
    mapping) by the canonical JSON of their digests.

    Raises:
        UsageError: it is nothing of that.
        OSError: it can't be read.
    """
    if isinstance(data, str | os.PathLike):
        path = Path(data).expanduser()
        with remembered(path) if remembered else nullcontext() as known:
            digest_of = known.file if known else digest_file
            digest, size = digest_folder(path, digest_of) if path.is_dir() else digest_of(path)
        return digest, size, clean(str(path.absolute()))
    if isinstance(data, bytes | bytearray | memoryview):
        view = (
            memoryview(data).cast("B")
            if isinstance(data, memoryview) and data.c_contiguous
            else memoryview(bytes(data))
        )
        return hashlib.sha256(view).hexdigest(), view.nbytes, None
    if (array := _array(data)) is not None:
        return *_digest_array(array), None
    if isinstance(data, Mapping):
        parts = {str(key): digest_data(value, remembered)[:2] for key, value in data.items()}
        return (
            hashlib.sha256(canonical({k: d for k, (d, _) in parts.items()})).hexdigest(),
            _total(parts.values()),
            None,
        )
    if isinstance(data, Sequence) and data:
        several = [digest_data(value, remembered)[:2] for value in data]
        return hashlib.sha256(canonical([digest for digest, _ in several])).hexdigest(), _total(several), None
    raise UsageError(
        f"A data set is a path, bytes, an array or a tensor, not {type(data).__name__}.",
        remedy="Pass the file it was read from, or the array itself.",
    )


def _total(parts: Any) -> int:
    return sum(size for _, size in parts)


def _array(data: object) -> Any:
    """`data` as a NumPy array when it is an array or a tensor of a library that is already loaded, else None."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(data, torch.Tensor):
        tensor = data.detach().cpu().contiguous()
        try:
            return tensor.numpy()
        except TypeError:  # a type that NumPy does not know, bfloat16: by its bytes
            return tensor.reshape(-1).view(torch.uint8).numpy()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(data, numpy.ndarray):
            return data
        if hasattr(data, "__array__") or hasattr(data, "to_numpy"):
            return numpy.asarray(data)
    return None


def _digest_array(array: Any) -> tuple[str, int]:
    hasher = hashlib.sha256(canonical({"dtype": array.dtype.str, "shape": list(array.shape)}))
    if array.dtype.hasobject:
        hasher.update(msgspec.json.encode(array.tolist(), enc_hook=repr))
    elif array.ndim == 0 or array.flags.c_contiguous:
        hasher.update(memoryview(array.reshape(-1)).cast("B") if array.size else b"")
    else:
        for row in array:  # a view that is not contiguous: a row at a time, never a second copy of it all
            hasher.update(row.tobytes())
    return hasher.hexdigest(), int(array.nbytes)
