"""The table of protections speaks of the code as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.protections.entry import Protection
from tests.protections.table import PROTECTIONS

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda one: one.fault)
def test_a_protection_stands_where_the_table_says_and_its_test_exists(protection: Protection) -> None:
    assert (ROOT / protection.file).read_text().count(protection.strong) == 1
    file, _, name = protection.test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text()
