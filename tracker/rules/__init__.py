"""What is true of runs: fitness, ranking, comparison, noise, importance. Pure, one answer for bot, page and CLI."""
