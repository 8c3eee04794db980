"""`python -m tracker.cli`, the same as `runcite`."""

import sys

from tracker.cli import main

if __name__ == "__main__":
    sys.exit(main())
