"""The machine: system, processor, memory, GPUs. Nothing here names it but its host name."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tracker.snapshot import Gpu, Machine, Snapshot

_Gpus = tuple[tuple[Gpu, ...], str | None, str | None]  # GPUs, driver version, CUDA version
_NO_GPUS: _Gpus = ((), None, None)
_T = TypeVar("_T")
_DRIVER_SECONDS = 8.0
_UNSEEN = (OSError, ValueError, AttributeError, RuntimeError, ImportError, KeyError)
_ASKED: tuple[tuple[str, Callable[[Any, Any], float]], ...] = (
    ("utilization.percent", lambda nvml, card: float(nvml.nvmlDeviceGetUtilizationRates(card).gpu)),
    ("memory.mb", lambda nvml, card: nvml.nvmlDeviceGetMemoryInfo(card).used / 2**20),
    ("temperature.c", lambda nvml, card: float(nvml.nvmlDeviceGetTemperature(card, nvml.NVML_TEMPERATURE_GPU))),
    ("power.w", lambda nvml, card: nvml.nvmlDeviceGetPowerUsage(card) / 1000),
)


def see() -> Snapshot:
    """The machine part of the snapshot. Takes a fraction of a second; a driver that hangs, eight."""
    problems: list[str] = []
    gpus, driver, cuda = within(_DRIVER_SECONDS, _nvidia, _NO_GPUS, "The GPU driver", problems)
    gpus = gpus or _amd()
    cpu, memory = _cpu(), _memory()
    machine = Machine(
        id=identity(_own_identity(), (cpu, str(round(memory / 2**30))), gpus),
        host=platform.node(),
        os=_system(),
        kernel=platform.release(),
        arch=platform.machine(),
        cpu=cpu,
        cores=_cores(),
        memory=memory,
        gpus=gpus,
        driver=driver,
        cuda=cuda,
    )
    return Snapshot(machine=machine, problems=tuple(problems))


def within(seconds: float, ask: Callable[[], _T], otherwise: _T, what: str, problems: list[str]) -> _T:
    """What `ask` answers within `seconds`, else `otherwise` and a problem."""
    answer: list[_T] = []
    worker = threading.Thread(target=lambda: answer.append(ask()), daemon=True)
    worker.start()
    worker.join(seconds)
    if not answer:
        problems.append(f"{what} did not answer within {seconds:g} seconds.")
    return answer[0] if answer else otherwise


def _nvidia() -> _Gpus:
    try:
        import pynvml
    except ImportError:
        return _NO_GPUS
    try:
        pynvml.nvmlInit()
    except (pynvml.NVMLError, *_UNSEEN):
        return _NO_GPUS
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
        gpus = tuple(
            Gpu(
                name=_text(pynvml.nvmlDeviceGetName(handle)),
                memory=int(pynvml.nvmlDeviceGetMemoryInfo(handle).total),
                uuid=_text(pynvml.nvmlDeviceGetUUID(handle)),
            )
            for handle in handles
        )
        version = int(pynvml.nvmlSystemGetCudaDriverVersion_v2())
        return gpus, _text(pynvml.nvmlSystemGetDriverVersion()), f"{version // 1000}.{version % 1000 // 10}"
    except (pynvml.NVMLError, *_UNSEEN):
        return _NO_GPUS
    finally:
        pynvml.nvmlShutdown()


def gpu_load() -> dict[str, float]:
    """How hard each NVIDIA GPU works now, as series by name; empty without one. A driver may hang: ask in a thread."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except ImportError:
        return {}
    except (pynvml.NVMLError, *_UNSEEN):
        return {}
    load: dict[str, float] = {}
    try:
        for index in range(pynvml.nvmlDeviceGetCount()):
            handle = pynvml.nvmlDeviceGetHandleByIndex(index)
            for what, ask in _ASKED:
                with contextlib.suppress(pynvml.NVMLError):  # a card that does not tell this one
                    load[f"system/gpu.{index}/{what}"] = ask(pynvml, handle)
    except (pynvml.NVMLError, *_UNSEEN):
        return load
    finally:
        pynvml.nvmlShutdown()
    return load


def _amd() -> tuple[Gpu, ...]:
    """AMD's GPUs as the kernel shows them."""
    cards = sorted(Path("/sys/class/drm").glob("card[0-9]*/device"))
    return tuple(
        Gpu(_read(card / "product_name") or "AMD GPU", int(memory), _read(card / "unique_id") or None)
        for card in cards
        if _read(card / "vendor") == "0x1002" and (memory := _read(card / "mem_info_vram_total")).isdigit()
    )


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _read(path: Path | str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def identity(own: str, hardware: tuple[str, ...], gpus: tuple[Gpu, ...]) -> str:
    """A stable digest of what the machine is known by: its `own` identity, or without one its hardware."""
    seen = [own] if own else ["", *hardware, *sorted(gpu.uuid or gpu.name for gpu in gpus)]
    return hashlib.sha256("\0".join(["runcite machine", *seen]).encode()).hexdigest()[:32]


def _own_identity() -> str:
    """What the system says it is; nothing in a container, which has no identity, or its image's."""
    import uuid

    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return ""
    node = uuid.getnode()
    made_up = bool(node >> 40 & 1)  # the bit that marks a node number as random
    return _read("/etc/machine-id") or _read("/var/lib/dbus/machine-id") or ("" if made_up else f"{node:012x}")


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        version = platform.mac_ver()[0]
        return f"macOS {version}" if version else f"{platform.system()} {platform.version()}".strip()


def _cpu() -> str:
    told = re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return told[1].strip() if told else platform.processor() or platform.machine()


def _cores() -> int:
    """The cores this process may use: its affinity, and the share that its control group allows."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    quota, _, period = _read("/sys/fs/cgroup/cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit() and int(period):
        cores = min(cores, max(1, -(-int(quota) // int(period))))
    return cores


def _memory() -> int:
    """The memory this process may use: the machine's, or what its control group allows."""
    try:
        import psutil

        total = int(psutil.virtual_memory().total)
    except _UNSEEN:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    limit = _read("/sys/fs/cgroup/memory.max") or _read("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    return min(total, int(limit)) if limit.isdigit() else total
