"""From a run ID back to its number, with a verdict: fetch, code, environment, data, run, compare; one file a stage.

    outcome = reproduce(origin, run_id, options, deliver=…, tell=…)

Every stage gives findings, and stops the reproduction (`Stopped`) where it can't go on: then the verdict is that the
run could not be run, at which stage and why.
"""
