"""How the process was started: arguments, folder, module, and the variables that bear on a result."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from tracker.capture import scrub
from tracker.capture.origin import Origin
from tracker.snapshot import Scrubbed

_NAMES = frozenset(
    [
        *(
            "CI",
            "CUDA_HOME",
            "CUDA_LAUNCH_BLOCKING",
            "CUDA_VISIBLE_DEVICES",
            "CUBLAS_WORKSPACE_CONFIG",
            "CUDA_DEVICE_ORDER",
        ),
        *("CONDA_DEFAULT_ENV", "CONDA_PREFIX", "GITHUB_ACTIONS", "GITHUB_RUN_ID", "GITHUB_SHA", "HIP_VISIBLE_DEVICES"),
        *("LANG", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MALLOC_ARENA_MAX"),
        *("NODE_RANK", "PYTHONHASHSEED", "PYTHONPATH", "PYTHONOPTIMIZE", "RANK", "ROCR_VISIBLE_DEVICES", "TZ"),
        *("VIRTUAL_ENV", "WORLD_SIZE", "XLA_FLAGS", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"),
        *("TOKENIZERS_PARALLELISM", "NVIDIA_TF32_OVERRIDE", "ACCELERATE_MIXED_PRECISION", "PBS_JOBID", "LSB_JOBID"),
        *("TF_DETERMINISTIC_OPS", "TF_ENABLE_ONEDNN_OPTS", "TF_XLA_FLAGS", "TF_FORCE_GPU_ALLOW_GROWTH"),
    ]
)
_PREFIXES = (
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMEXPR_",
    "NCCL_",
    "TORCH_",
    "PYTORCH_",
    "JAX_",
    "SLURM_JOB",
    "SLURM_ARRAY",
)
_LAUNCH = (
    "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "SLURM_JOB_ID", "SLURM_STEP_ID",
)  # fmt: skip
_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}
_SOURCE_LIMIT = 1024 * 1024
BETWEEN = "\n\n# %%\n"
"""What stands between the cells of a notebook."""


def look(
    *,
    environ: Mapping[str, str] | None = None,
    argv: Sequence[str] | None = None,
    main: ModuleType | None = None,
) -> Origin:
    """The calling process, seen from within and scrubbed. Takes about a millisecond; starts and imports nothing."""
    environ = os.environ if environ is None else environ
    main = main or sys.modules.get("__main__")
    problems: list[str] = []
    arguments, found = scrub.argv(list(sys.argv if argv is None else argv))
    env, in_env = scrub.mapping({name: environ[name] for name in sorted(environ) if _kept(name)}, "environment")
    source, in_source = _loose_source(main)
    cwd = _cwd(problems)
    return Origin(
        argv=tuple(_clean(argument) for argument in arguments),
        cwd=_clean(cwd),
        executable=_clean(sys.executable or ""),
        version=sys.version.split()[0],
        implementation=_IMPLEMENTATIONS.get(sys.implementation.name, sys.implementation.name),
        prefix=_clean(sys.prefix),
        path=tuple(_clean(str(Path(cwd, entry))) for entry in sys.path if isinstance(entry, str)),
        script=_script(main, environ, cwd),
        module=_module(main),
        source=source,
        env={name: _clean(str(value)) for name, value in env.items()},
        scrubbed=(*found, *in_env, *in_source),
        problems=tuple(problems),
    )


class Ranks(NamedTuple):
    """What a launcher told this process: its rank, its rank on this machine, how many there are here, and `told`,
    which is the same in all ranks of one launch."""

    rank: int
    local: int
    world: int
    told: tuple[str, ...]


def ranks(environ: Mapping[str, str] | None = None) -> Ranks | None:
    """The ranks that torchrun and its like set; None for a process that was launched alone."""
    environ = os.environ if environ is None else environ
    numbers = [environ.get(name, "") for name in ("RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE")]
    if not all(number.isdigit() for number in numbers):
        return None
    rank, local, world = map(int, numbers)
    return Ranks(rank, local, world, tuple(environ.get(name, "") for name in _LAUNCH))


def _kept(name: str) -> bool:
    return name in _NAMES or name.startswith(_PREFIXES)


def _clean(text: str) -> str:
    """`text` without what cannot be written as UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def _cwd(problems: list[str]) -> str:
    try:
        return str(Path.cwd())
    except OSError:
        problems.append("The working directory is gone, so it is not known.")
        return "/"


def _module(main: ModuleType | None) -> str | None:
    """What `python -m` was given."""
    spec = getattr(main, "__spec__", None)
    name = getattr(spec, "name", None)
    return name.removesuffix(".__main__") if isinstance(name, str) and name != "__main__" else None


def _script(main: ModuleType | None, environ: Mapping[str, str], cwd: str) -> str | None:
    """The main file; of a notebook the one its server or editor names."""
    notebook = environ.get("JPY_SESSION_NAME", "")
    for candidate in (getattr(main, "__file__", None), getattr(main, "__vsc_ipynb_file__", None), notebook):
        if isinstance(candidate, str) and candidate and not candidate.startswith("<"):
            path = Path(cwd, candidate)
            if path.suffix == ".ipynb" or path.is_file():
                return _clean(str(path))
    return None


def _loose_source(main: ModuleType | None) -> tuple[str | None, tuple[Scrubbed, ...]]:
    """Code that stands in no file: the cells of a notebook so far, or the argument of `python -c`."""
    cells = getattr(main, "In", None)
    if isinstance(cells, list) and not getattr(main, "__file__", None):
        source = BETWEEN.join(str(cell) for cell in cells if cell)
    elif sys.argv[:1] == ["-c"] and "-c" in sys.orig_argv and main is sys.modules.get("__main__"):
        source = sys.orig_argv[sys.orig_argv.index("-c") + 1]
    else:
        return None, ()
    clean, found = scrub.text(source[-_SOURCE_LIMIT:], "source")
    return _clean(clean), found
