"""The drift alarm: values that are live in the process, held against the config that is on record.

Nothing is imported: where torch is loaded, a hook of its own is told of the first optimizer steps, and passes over a
`DataLoader` are counted. `differences` says, from what was seen, which recorded hyperparameters cannot be true. It
would rather miss one than cry wolf: where several values are live, one that fits is enough.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from tracker.snapshot import Scalar

STEPS = 20
"""Optimizer steps that are looked at."""
_RATES = frozenset({"lr", "learning_rate", "base_lr", "max_lr"})
_BATCHES = frozenset({"batch_size", "train_batch_size", "bs"})
_EPOCHS = frozenset({"epochs", "num_epochs", "n_epochs", "max_epochs", "num_train_epochs"})
_PARAMETERS = frozenset({"parameters", "num_parameters", "n_parameters", "parameter_count", "n_params", "num_params"})
_EARLY = ("patience", "early_stop", "earlystop", "max_steps", "time_limit")


class Live(msgspec.Struct):
    """What was seen. `passes` counts, for each loader that shuffles, how often it was gone through."""

    rates: set[float] = msgspec.field(default_factory=set)
    decays: set[float] = msgspec.field(default_factory=set)
    optimizers: set[str] = msgspec.field(default_factory=set)
    others: frozenset[str] = frozenset()
    parameters: int = 0
    batches: set[int] = msgspec.field(default_factory=set)
    passes: dict[int, int] = msgspec.field(default_factory=dict)
    world: int = 1


def differences(config: Mapping[str, Scalar], live: Live, *, ended: bool = False) -> Iterator[str]:
    """A sentence for each hyperparameter on record that what was live contradicts. `ended`: no more passes come."""
    if live.rates:
        yield from _numbers(config, _RATES, live.rates, "the optimizer's learning rate was")
        yield from _numbers(config, {"weight_decay"}, live.decays, "the optimizer's weight decay was")
        yield from _optimizer(config, live)
    if live.batches and not any("accum" in key for key in config):
        sizes = {size * live.world for size in live.batches} | live.batches
        yield from _numbers(config, _BATCHES, sizes, "the DataLoader's batch size was")
    for key, value in _named(config, _PARAMETERS):
        if live.parameters and value < live.parameters:  # more may be: frozen ones are no optimizer's
            yield f"config {key!r} is {_shown(value)}, but the optimizer trained {live.parameters:,} parameters"
    if ended and live.passes:
        yield from _passes(config, max(live.passes.values()))


def _numbers(config: Mapping[str, Scalar], names: Iterable[str], live: Iterable[float], saying: str) -> Iterator[str]:
    seen = sorted(set(live))
    stated = list(_named(config, names))
    if seen and stated and not any(math.isclose(value, one, rel_tol=1e-6) for _, value in stated for one in seen):
        for key, value in stated:
            yield f"config {key!r} is {_shown(value)}, but {saying} {' or '.join(map(_shown, seen[:5]))}"


def _optimizer(config: Mapping[str, Scalar], live: Live) -> Iterator[str]:
    for key, value in config.items():
        if _last(key) in {"optimizer", "optim", "opt"} and isinstance(value, str):
            stated = value.lower().replace("_", "").replace("-", "")
            if stated in live.others and stated not in live.optimizers:
                yield f"config {key!r} is {value!r}, but {' and '.join(sorted(live.optimizers))} took the steps"


def _passes(config: Mapping[str, Scalar], passes: int) -> Iterator[str]:
    """A pass more may be a look at the first batch, and twice as many one in each epoch: that says nothing."""
    may_stop = any(word in key.lower() for key in config for word in _EARLY)
    for key, value in _named(config, _EPOCHS):
        fewer = passes < value and not may_stop
        more = passes > value + 1 and value >= 1 and passes % value != 0
        if fewer or more:
            yield f"config {key!r} is {_shown(value)}, but the training data were gone through {passes:,} times"


def _named(config: Mapping[str, Scalar], names: Iterable[str]) -> Iterator[tuple[str, float]]:
    for key, value in config.items():
        if _last(key) in names and isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                yield key, float(value)
            except ValueError:
                continue


def _last(key: str) -> str:
    return key.replace("/", ".").replace("-", "_").rpartition(".")[2].lower()


def _shown(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


class Watch:
    """Looks at what is live while a run is recorded. `safely` calls what it is given, and lets nothing out of it."""

    def __init__(self, safely: Callable[[Callable[[], None]], None], tell: Callable[[Live, bool], None]) -> None:
        self.live = Live()
        self._safely = safely
        self._tell = tell
        self._steps = 0
        self._looked: set[int] = set()
        self._handle: Any = None
        self._watching = False

    def begin(self, world: int) -> bool:
        """Hook into torch where it is loaded; whether there is anything more to be hooked."""
        optimizer = sys.modules.get("torch.optim.optimizer")
        loading = sys.modules.get("torch.utils.data.dataloader")
        if self._watching or optimizer is None or loading is None:
            return self._watching
        register = getattr(optimizer, "register_optimizer_step_post_hook", None)
        if register is None or not hasattr(loading, "DataLoader"):
            return False
        self._watching = True
        self.live.world = world
        self.live.others = _optimizers(sys.modules.get("torch.optim"))
        self._handle = register(self._stepped)
        _listen(loading.DataLoader, self._passed)
        return True

    def end(self, *, finished: bool) -> None:
        """Unhook, and tell what is now known."""
        if self._watching:
            self._watching = False
            _listen_no_more(self._passed)
            self._unhook()
            self._tell(self.live, finished)

    def drop(self) -> None:
        """Unhook, and tell nothing: in a child made by fork."""
        self._tell = lambda live, finished: None
        self.end(finished=False)

    def _unhook(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.remove()

    def _stepped(self, optimizer: Any, args: object, kwargs: object) -> None:
        self._steps += 1
        if id(optimizer) not in self._looked:
            self._looked.add(id(optimizer))
            self._safely(functools.partial(self._look, optimizer))
        if self._steps == STEPS:
            self._safely(self._unhook)
            self._safely(lambda: self._tell(self.live, False))

    def _look(self, optimizer: Any) -> None:
        live = self.live
        live.optimizers.add(type(optimizer).__name__.lower())
        for group in optimizer.param_groups:
            live.rates.update(float(group[name]) for name in ("lr", "initial_lr", "max_lr") if name in group)
            if "weight_decay" in group:
                live.decays.add(float(group["weight_decay"]))
            live.parameters += sum(parameter.numel() for parameter in group["params"])

    def _passed(self, loader: Any) -> None:
        self._safely(functools.partial(self._count, loader))

    def _count(self, loader: Any) -> None:
        if type(getattr(loader, "sampler", None)).__name__ not in {"RandomSampler", "DistributedSampler"}:
            return  # without shuffling it is no training loader, as far as can be told
        self.live.passes[id(loader)] = self.live.passes.get(id(loader), 0) + 1
        if isinstance(size := getattr(loader, "batch_size", None), int):
            self.live.batches.add(size)


def _optimizers(module: Any) -> frozenset[str]:
    return frozenset(name.lower() for name, value in vars(module).items() if isinstance(value, type))


_listeners: list[Callable[[Any], None]] = []
_tapped: list[tuple[Any, Any, Any]] = []


def _listen(loader: Any, listener: Callable[[Any], None]) -> None:
    """Have `listener` told of every loader that is begun to be gone through."""
    _listeners.append(listener)
    if not _tapped:
        original = loader.__iter__

        @functools.wraps(original)
        def begin(self: Any) -> Any:
            for one in list(_listeners):
                one(self)
            return original(self)

        loader.__iter__ = begin
        _tapped.append((loader, begin, original))


def _listen_no_more(listener: Callable[[Any], None]) -> None:
    """Leave the class as it was when the last listener goes, unless somebody has put something over ours since."""
    _listeners[:] = [one for one in _listeners if one != listener]
    if not _listeners and _tapped:
        loader, begin, original = _tapped[0]
        if loader.__iter__ is begin:
            loader.__iter__ = original
            _tapped.clear()
