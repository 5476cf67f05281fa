"""One story for each part of the product that may be taken away; all others are in the matrix."""

import pytest

from tests.faults.matrix import Case, play

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("faults"), pytest.mark.timeout(300)]

CASES = (
    Case("middle", "kill", "apply"),
    Case("planned", "freeze", "apply"),
    Case("begun", "terraform", "apply"),
    Case("claimed", "flush", "apply"),
    Case("claimed", "broker", "apply"),
    Case("planned", "ledger", "apply"),
)
"""GitHub and git have theirs in `tests/e2e/test_rough_github.py`."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_nothing_is_lost_and_nothing_doubled_when(fleet, case):
    play(fleet, case)
