"""Hooks for frameworks: each module here is imported by whoever uses that framework, and by nothing of ours."""
