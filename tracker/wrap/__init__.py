"""`runcite exec`: any command, registered: the snapshot, how it ended, and the run it opened or one of its own."""
