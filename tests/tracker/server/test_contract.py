"""The API holds to its own OpenAPI, whatever is sent to it: no 5xx, and answers of the shapes it names."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, seed, settings

EXAMPLES = 8


def test_the_api_holds_to_its_own_description(shared_house: Any) -> None:
    import schemathesis  # here, as every worker imports every file of tests, and one needs it
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    held = [not_a_server_error, content_type_conformance, response_schema_conformance]
    with shared_house.client() as client:
        shared_house.run(client)
        shared_house.run(client, end="failed", seed=2)
    schema = schemathesis.openapi.from_url(f"{shared_house.url}/openapi.json")
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if "application/msgpack" in str(operation.body):
            continue

        @seed(5)
        @given(case=operation.as_strategy())
        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def hold(case: Any) -> None:
            case.call_and_validate(checks=held)

        hold()
        tried.add(operation.label)
    assert len(tried) >= 18, tried
