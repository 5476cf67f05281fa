"""Whatever goes wrong, and in whatever state of a run: nothing is lost, and nothing happens twice."""

import itertools

import pytest

from tests.faults.matrix import OPERATIONS, WITHOUT, pairwise, play
from tests.faults.scenes import WORDS
from tests.faults.strikes import FAULTS


def story(case):
    """A case by its sentence; those on a small disk share one, in one process."""
    marks = [pytest.mark.xdist_group("small disk")] if case.fault == "disk" else []
    return pytest.param(case, id=case.sentence, marks=marks)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", [story(case) for case in pairwise()])
def test_nothing_is_lost_and_nothing_doubled_when(case, request, record_property):
    record_property("case", [case.state, case.fault])
    try:
        play(request.getfixturevalue(FAULTS[case.fault].needs), case)
    except AssertionError as error:
        record_property("came", type(error).__name__)
        raise


def test_every_two_of_state_fault_and_operation_meet():
    cases = pairwise()
    assert {(each.state, each.fault) for each in cases} == set(itertools.product(WORDS, FAULTS)) - WITHOUT
    assert {(each.state, each.operation) for each in cases} == set(itertools.product(WORDS, OPERATIONS))
    assert {(each.fault, each.operation) for each in cases} == set(itertools.product(FAULTS, OPERATIONS))
