"""Seeds are seen, never set, and nothing is imported to see them."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tracker.capture import seeds


@pytest.fixture
def torch() -> Any:
    """Loaded only where it is wanted: it takes seconds, and every worker imports every file of tests."""
    return importlib.import_module("torch")


def test_seeds_are_seen_in_what_is_loaded(torch: Any) -> None:
    random.seed(7)
    np.random.seed(7)
    torch.manual_seed(7)
    seen, problems = seeds.see(7)
    assert (seen.stated, seen.torch, problems) == (7, 7, ())
    random.seed(7)
    np.random.seed(7)
    again, _ = seeds.see(None)
    assert (again.python_state, again.numpy_state) == (seen.python_state, seen.numpy_state)
    random.random()
    np.random.random()
    moved, _ = seeds.see(None)
    assert moved.python_state != seen.python_state
    assert moved.numpy_state != seen.numpy_state


def test_looking_draws_no_number(torch: Any) -> None:
    states = random.getstate(), np.random.get_state()[1].tobytes(), torch.get_rng_state().tolist()
    seeds.see(None)
    assert states == (random.getstate(), np.random.get_state()[1].tobytes(), torch.get_rng_state().tolist())


def test_flags_of_determinism_are_told(torch: Any) -> None:
    before = torch.get_deterministic_debug_mode()
    torch.set_deterministic_debug_mode("error")
    try:
        flags = seeds.see(None, environ={"PYTHONHASHSEED": "0", "CUBLAS_WORKSPACE_CONFIG": ":4096:8", "HOME": "/"})[
            0
        ].flags
    finally:
        torch.set_deterministic_debug_mode(before)
    assert flags["torch.are_deterministic_algorithms_enabled"] == "True"
    assert flags["torch.backends.cudnn.deterministic"] == "False"
    assert (flags["PYTHONHASHSEED"], flags["CUBLAS_WORKSPACE_CONFIG"]) == ("0", ":4096:8")
    assert "HOME" not in flags


def test_a_library_half_loaded_or_replaced_is_a_problem_and_not_an_error() -> None:
    broken = {"torch": ModuleType("torch"), "numpy.random": ModuleType("numpy.random"), "random": ModuleType("random")}
    seen, problems = seeds.see(3, modules=broken, environ={})
    assert (seen.stated, seen.torch, seen.python_state, seen.numpy_state, seen.flags) == (3, None, None, None, {})
    assert "torch's seed could not be read (AttributeError)." in problems


def test_nothing_is_imported_to_look() -> None:
    names = ("torch", "numpy", "git", "psutil", "pynvml", "importlib.metadata")
    script = (
        "import sys; from tracker.capture.take import look, quick; quick(look());"
        f"print([name for name in {names} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
