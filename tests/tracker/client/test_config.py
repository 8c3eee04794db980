"""Secrets among hyperparameters stay in the process, and the record says which were there."""

from __future__ import annotations

from tracker.client.config import Config


def test_a_secret_among_hyperparameters_is_not_kept() -> None:
    written: dict[str, object] = {}
    told: list[tuple[str, str]] = []
    config = Config()
    config.attach(written.update, lambda code, message: told.append((code, message)))
    config.update({"lr": 0.1, "hub": {"api_key": "hunter2"}, "max_tokens": 512}, data="postgresql://ada:lovelace1@db/x")
    kept = {"lr": 0.1, "hub.api_key": "[scrubbed]", "max_tokens": 512, "data": "postgresql://ada:[scrubbed]@db/x"}
    assert written == dict(config) == kept
    assert {code for code, _ in told} == {"config-scrubbed"}
    assert "hunter2" not in str(told)
    config.update(hub={"api_key": "hunter2"})
    assert dict(config) == kept
