"""A decision, and the parts that it is recorded in."""

from dataclasses import replace

import pytest

from controller.core.call import reconcile
from controller.core.decision import Basis, Decision
from controller.core.environment import Mode
from controller.core.identity import RequestId
from controller.core.outcome import Withdrawn
from controller.core.run import Opening, Operation
from controller.core.wish import Answer, Retry

ENDED = Withdrawn("infrautomater", "nobody wants it")


def identity(number):
    return RequestId("dev", "database", f"r{number}")


class Rendered:
    """As much of a workspace as a part asks for."""

    def __init__(self, number):
        self.id = identity(number)


OPENINGS = tuple(Opening(identity(n), Operation.APPLY, "d", Mode.APPLY, "c") for n in range(7))
WORKSPACES = tuple(map(Rendered, range(7)))
WHOLE = Decision(
    OPENINGS,
    WORKSPACES,
    endings={10: ENDED, 11: ENDED, 12: ENDED, 99: ENDED},
    cursor="c",
    calls=(reconcile(),),
    while_held=frozenset({10}),
    basis=Basis("b"),
)
OWNERS = {10: identity(0), 11: identity(6), 12: identity(8)}


@pytest.mark.parametrize("most", [1, 2, 3, 8, 100])
def test_parts_make_the_whole(most):
    parts = list(WHOLE.slices(most, OWNERS))
    assert sum((part.openings for part in parts), ()) == OPENINGS
    assert sum((part.workspaces for part in parts), ()) == WORKSPACES
    assert {run: end for part in parts for run, end in part.endings.items()} == WHOLE.endings
    assert sum(len(part.endings) for part in parts) == len(WHOLE.endings)
    assert all((part.basis, part.while_held) == (WHOLE.basis, WHOLE.while_held) for part in parts)
    assert all(len({opening.request for opening in part.openings}) <= most for part in parts)


def test_what_concerns_one_request_comes_together():
    """An older run may end only so that another takes its place."""
    for part in WHOLE.slices(2, OWNERS):
        theirs = {opening.request for opening in part.openings}
        assert {each.id for each in part.workspaces} == theirs
        assert all(OWNERS[run] in theirs for run in part.endings if run in {10, 11})


def test_that_somebody_looked_comes_last():
    *parts, last = WHOLE.slices(2, OWNERS)
    assert parts
    assert all((part.cursor, part.calls, part.moved, part.proposal) == (None, (), (), None) for part in parts)
    assert (last.cursor, last.calls) == ("c", (reconcile(),))


@pytest.mark.parametrize(
    "facts", [{"wishes": ((1, Retry("ann")),)}, {"answer": Answer(5, 7, "ann", refused=False)}]
)
def test_what_a_person_wants_is_of_one_piece(facts):
    wanted = replace(WHOLE, **facts)
    assert list(wanted.slices(2, OWNERS)) == [wanted]


def test_nothing_is_one_part():
    assert list(Decision().slices(2, {})) == [Decision()]
