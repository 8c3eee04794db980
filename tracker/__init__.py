"""Runcite's tracker: registers every training run centrally and by itself."""
