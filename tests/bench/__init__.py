"""Measurements: `python -m tests.bench`. Ratios and floors of the same run; nothing here fails a build."""
