"""The store: the one writer of runs, and the reader of records."""
