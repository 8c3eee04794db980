"""What MLflow's clients keep and ask for, in tables of its own beside the runs. Runs are written by `ingest` alone."""
