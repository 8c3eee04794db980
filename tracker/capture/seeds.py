"""Seeds as seen, never set: generators and flags of libraries that are loaded already. Nothing is imported."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import ModuleType

from tracker.snapshot import Seeds

_ENVIRONMENT = ("PYTHONHASHSEED", "CUBLAS_WORKSPACE_CONFIG", "TF_DETERMINISTIC_OPS")
_TORCH = (
    "backends.cudnn.deterministic",
    "backends.cudnn.benchmark",
    "backends.cudnn.allow_tf32",
    "backends.cuda.matmul.allow_tf32",
)
_TORCH_CALLS = (
    "are_deterministic_algorithms_enabled",
    "get_float32_matmul_precision",
    "get_num_threads",
    "get_default_dtype",
)
_UNSEEN = (
    ArithmeticError,
    AttributeError,
    AssertionError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


def see(
    stated: int | None,
    modules: Mapping[str, ModuleType] | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Seeds, tuple[str, ...]]:
    """The seeds, and a sentence for each that a loaded library would not tell."""
    modules = sys.modules if modules is None else modules
    environ = os.environ if environ is None else environ
    problems: list[str] = []

    def told(what: str, ask: Callable[[], object]) -> object:
        try:
            return ask()
        except _UNSEEN as error:
            problems.append(f"{what} could not be read ({type(error).__name__}).")
            return None

    flags = {name: environ[name] for name in _ENVIRONMENT if environ.get(name)}
    torch, numpy, random = modules.get("torch"), modules.get("numpy.random"), modules.get("random")
    torch_seed = python_state = numpy_state = None
    if torch is not None:
        torch_seed = told("torch's seed", lambda: int(torch.initial_seed()))
        for name, value in _torch_flags(torch, told):
            flags[name] = value
    if random is not None:
        python_state = told("Python's random state", lambda: _digest(repr(random.getstate()).encode()))
    if numpy is not None:
        numpy_state = told("NumPy's random state", lambda: _numpy_digest(numpy))
    seeds = Seeds(
        stated=stated,
        torch=torch_seed if isinstance(torch_seed, int) else None,
        python_state=python_state if isinstance(python_state, str) else None,
        numpy_state=numpy_state if isinstance(numpy_state, str) else None,
        flags=flags,
    )
    return seeds, tuple(problems)


def _torch_flags(torch: ModuleType, told: Callable[[str, Callable[[], object]], object]) -> Iterator[tuple[str, str]]:
    for path in (*_TORCH, *_TORCH_CALLS):
        value = told(f"torch.{path}", partial(_reach, torch, path))
        if value is not None:
            yield f"torch.{path.removeprefix('get_')}", str(value)


def _reach(module: object, path: str) -> object:
    for name in path.split("."):
        module = getattr(module, name)
    return module() if callable(module) else module


def _digest(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()


def _numpy_digest(numpy: ModuleType) -> str:
    """The digest of NumPy's global generator: kind, key, position, and the Gaussian kept for later."""
    kind, key, position, has_gauss, gauss = numpy.get_state(legacy=True)
    return _digest(f"{kind} {position} {has_gauss} {gauss!r} ".encode() + key.tobytes())
