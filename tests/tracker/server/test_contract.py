"""The API holds to its own OpenAPI, whatever is sent to it: no 5xx, and answers of the shapes it names."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

HELD = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture
def own_schema(house: Any) -> Any:
    house.start(require_login=False)
    with house.client() as client:
        house.run(client)
        house.run(client, end="failed", seed=2)
    return schemathesis.openapi.from_url(f"{house.url}/openapi.json")


schema = schemathesis.pytest.from_fixture("own_schema").exclude(path_regex="batches|cursors")


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_holds_to_its_own_description(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=HELD)
