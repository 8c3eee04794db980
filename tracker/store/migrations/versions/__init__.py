"""One file a step, numbered; the newest is the schema of this version."""
