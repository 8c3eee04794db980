"""The schema's history, run by `tracker.store.migrate`."""
