"""Loaded by the wrapped command's Python before its script: notes what argparse and click parse, what a `SummaryWriter`
is told and what is printed. It stands alone, for any Python 3, changes nothing of what they do, and leaves the
environment as it found it. Of processes that a launcher starts the first rank is noted, and the launcher is not."""

import importlib.abc
import importlib.util
import json
import os
import sys
import time

_folder = os.environ.get("RUNCITE_EXEC")
_here = os.path.dirname(os.path.abspath(__file__))


def _note(values):
    try:
        kept = {}
        for key, value in values.items():
            plain = value is None or isinstance(value, (bool, int, float, str))
            kept[str(key)] = value if plain else str(value)
        path = os.path.join(_folder, "parameters", "%d.json" % os.getpid())
        if not os.path.exists(path):
            with open(path, "w") as file:
                json.dump(kept, file)
    except (OSError, ValueError, TypeError):
        pass


def _argparse(module):
    plain = module.ArgumentParser.parse_known_args

    def parse_known_args(self, *args, **kwargs):
        found = plain(self, *args, **kwargs)
        if not getattr(_argparse, "inner", False):
            _note(vars(found[0]))
        return found

    module.ArgumentParser.parse_known_args = parse_known_args


def _click(module):
    plain = module.Command.invoke

    def invoke(self, ctx):
        if ctx.params:
            _note(ctx.params)
        return plain(self, ctx)

    module.Command.invoke = invoke


class _Told:
    """What writers are told in this process, a line each as it comes: whoever kills the process loses nothing."""

    def __init__(self):
        self.fd, self.pid, self.inner, self.counts = -1, 0, False, {}

    def line(self, *parts):
        if self.pid != os.getpid():
            path = os.path.join(_folder, "scalars", "%d.jsonl" % os.getpid())
            self.fd, self.pid = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), os.getpid()
        os.write(self.fd, (json.dumps(parts) + "\n").encode())

    def scalar(self, folder, tag, value, step, at):
        if step is None:
            step = self.counts.get((folder, tag), -1) + 1
        self.counts[folder, tag] = int(step)
        number = float(value)
        finite = number - number == 0
        at = int((at or time.time()) * 1e6)
        self.line("scalar", str(folder), str(tag), number if finite else str(number), int(step), at)

    def hparams(self, values, metrics, step):
        plain = {
            str(k): v if v is None or isinstance(v, (bool, int, float, str)) else str(v) for k, v in values.items()
        }
        self.line("hparams", plain)
        for tag, value in metrics.items():
            self.scalar("", tag, value, step, None)


_told = _Told()


def _writer(module):
    """A method does what it did, and what it was told is noted once: they call each other."""
    kind = module.SummaryWriter

    def watch(name, note):
        plain = getattr(kind, name, None)
        if plain is None:
            return

        def method(self, *args, **kwargs):
            outer, _told.inner = _told.inner, True
            try:
                if not outer:
                    try:
                        note(self, *args, **kwargs)
                    except (
                        AttributeError,
                        OSError,
                        OverflowError,
                        RuntimeError,
                        TypeError,
                        ValueError,
                    ):  # the writer will say
                        pass
                return plain(self, *args, **kwargs)
            finally:
                _told.inner = outer

        method.__name__, method.__doc__ = name, plain.__doc__
        setattr(kind, name, method)

    def scalar(self, tag, scalar_value, global_step=None, walltime=None, *args, **kwargs):
        _told.scalar(_logdir(self), tag, scalar_value, global_step, walltime)

    def scalars(self, main_tag, tag_scalar_dict, global_step=None, walltime=None):
        for tag, value in tag_scalar_dict.items():
            _told.scalar(_logdir(self), "%s/%s" % (main_tag, tag), value, global_step, walltime)

    def hparams(self, hparam_dict, metric_dict, *args, **kwargs):
        _told.hparams(hparam_dict, metric_dict, kwargs.get("global_step"))

    watch("add_scalar", scalar)
    watch("add_scalars", scalars)
    watch("add_hparams", hparams)


def _logdir(writer):
    return os.path.abspath(str(getattr(writer, "log_dir", None) or getattr(writer, "logdir", "")))


_WATCHED = {
    "argparse": _argparse,
    "click.core": _click,
    "torch.utils.tensorboard.writer": _writer,
    "tensorboardX.writer": _writer,
}


class _Loader(importlib.abc.Loader):
    def __init__(self, plain, watch):
        self.plain, self.watch = plain, watch

    def create_module(self, spec):
        return self.plain.create_module(spec)

    def exec_module(self, module):
        self.plain.exec_module(module)
        self.watch(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        watch = _WATCHED.pop(name, None)
        if watch is None:
            return None
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, watch)
        return spec


def _leave(for_children):
    """Take our folder off the path, and let the environment's own sitecustomize run, if there is one. What is left
    `for_children` is the variables by which they load us."""
    before = os.environ.get("RUNCITE_EXEC_PYTHONPATH", "")
    if not for_children:
        os.environ.pop("RUNCITE_EXEC_PYTHONPATH", None)
        os.environ.pop("PYTHONPATH", None)
        if before:
            os.environ["PYTHONPATH"] = before
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _here]
    ours = sys.modules.pop("sitecustomize", None)
    try:
        spec = importlib.util.find_spec("sitecustomize")
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            sys.modules["sitecustomize"] = module
            spec.loader.exec_module(module)
            return
    finally:
        if "sitecustomize" not in sys.modules and ours is not None:
            sys.modules["sitecustomize"] = ours


def _keep_output():
    """Keep what is printed, as a run of ours does; a Python too old for that keeps nothing."""
    folder = os.path.join(_folder, "printed")
    path = os.path.join(os.path.dirname(os.path.dirname(_here)), "client", "output.py")
    try:
        if os.path.isdir(folder):
            spec = importlib.util.spec_from_file_location("_runcite_output", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            from pathlib import Path

            output = module.Output(Path(folder))
            output.attach()
            os.register_at_fork(after_in_child=output.abandon)
    except (OSError, SyntaxError, ImportError, AttributeError, TypeError):
        pass


def _say_loaded():
    try:
        open(os.path.join(_folder, "loaded"), "a").close()
    except OSError:
        pass


def _launches():
    """Whether this process only starts the script's own, as torchrun does."""
    words = getattr(sys, "orig_argv", [])[1:]
    for place, word in enumerate(words):
        if word == "-m":
            return words[place + 1 : place + 2] in (["torch.distributed.run"], ["accelerate.commands.launch"])
        if not word.startswith("-"):
            return os.path.basename(word) in ("torchrun", "accelerate", "accelerate-launch", "deepspeed")
    return False


if _folder:
    _launcher = _launches()
    if not _launcher and os.environ.get("RANK", "0") == "0":
        _say_loaded()
        _keep_output()
        for _name in list(_WATCHED):
            if _name in sys.modules:
                _WATCHED.pop(_name)(sys.modules[_name])
        sys.meta_path.insert(0, _Finder())
    _leave(_launcher)
