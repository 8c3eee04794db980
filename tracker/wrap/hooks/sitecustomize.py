"""Loaded by the wrapped command's Python before its script: notes what argparse and click parse. It stands alone, for
any Python 3, changes nothing of what they do, and leaves the environment as it found it."""

import importlib.abc
import importlib.util
import json
import os
import sys

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


_WATCHED = {"argparse": _argparse, "click.core": _click}


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


def _leave():
    """Take our folder off the path, and let the environment's own sitecustomize run, if there is one."""
    before = os.environ.pop("RUNCITE_EXEC_PYTHONPATH", "")
    if before:
        os.environ["PYTHONPATH"] = before
    else:
        os.environ.pop("PYTHONPATH", None)
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


if _folder:
    for _name in list(_WATCHED):
        if _name in sys.modules:
            _WATCHED.pop(_name)(sys.modules[_name])
    sys.meta_path.insert(0, _Finder())
    _leave()
