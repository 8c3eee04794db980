"""Run a notebook's cells one by one, in IPython where the environment has it: `python replay.py CELLS.json`.

It stands alone, for the environment that it is run in. As in a notebook, a cell that fails is told and the next one
is run; the exit code says that one did.
"""

import code
import json
import re
import sys
import types
from pathlib import Path
from typing import Any

MAGIC = re.compile(r"^(\s*)([%!].*)$", re.MULTILINE)


class Plain(code.InteractiveInterpreter):
    """Runs cells without IPython, in a main module that keeps them; lines that only IPython reads are passed over."""

    def __init__(self) -> None:
        self.main = sys.modules["__main__"] = types.ModuleType("__main__")
        super().__init__(self.main.__dict__)
        self.cells = self.main.__dict__["In"] = [""]
        self.failed = False

    def run(self, cell: str) -> bool:
        """Whether it ended well."""
        self.cells.append(cell)
        self.failed = False
        self.runsource(MAGIC.sub(r"\1pass  # \2", cell) + "\n", f"<cell {len(self.cells) - 1}>", "exec")
        return not self.failed

    def write(self, data: str) -> None:
        """What went wrong, as the interpreter tells it."""
        self.failed = True
        sys.stderr.write(data)


def run(cells: list[str]) -> bool:
    """Whether all of them ended well."""
    try:
        from IPython.core.interactiveshell import InteractiveShell
        from traitlets.config import Config
    except ImportError:
        plain = Plain()
        well = [plain.run(cell) for cell in cells]
        return all(well)
    silent = Config(HistoryManager={"enabled": False}, InteractiveShell={"colors": "nocolor"})
    shell: Any = InteractiveShell.instance(config=silent)
    well = [shell.run_cell(cell, store_history=True).success for cell in cells]
    return all(well)


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    sys.path[0] = ""
    del sys.argv[1:]
    sys.exit(not run(told))
