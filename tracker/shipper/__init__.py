"""The shipper: its own process, which brings journals to the store and sees training processes end.

    python -m tracker.shipper HOME        what the first run starts; gone when there is nothing to do
    sync(settings)                        the same by hand, for `runcite sync`

One works for each home, by a lock. Journals are its only memory: where the store stands, the store says.
"""

from tracker.shipper.service import SyncReport, serve, sync

__all__ = ["SyncReport", "serve", "sync"]
