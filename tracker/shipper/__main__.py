"""`python -m tracker.shipper [HOME]`."""

from __future__ import annotations

import sys
from pathlib import Path

from tracker.settings import load
from tracker.shipper.service import serve

if __name__ == "__main__":
    serve(Path(sys.argv[1]) if len(sys.argv) > 1 else load().home)
