import pytest

from controller.core.change import Create
from controller.core.provenance import Step, asking_commit, bringing_pull
from controller.core.pull import PullState

PATH = "requests/payments/orders.yaml"
KIND = "terraform/modules/database/main.tf"
ENVIRONMENT = "terraform/environments/dev.yaml"


@pytest.fixture
def change(accepted, ask):
    return Create(accepted(ask()), "d")


@pytest.mark.parametrize(
    ("since", "line", "commit"),
    [
        ([("1", PATH)], [], "1"),
        ([("1", PATH), ("2", PATH)], [], "2"),
        ([("1", PATH), ("2", "requests/x/y.yaml")], [], "1"),
        ([("1", PATH), ("2", KIND)], [], "1"),
        ([("1", KIND), ("2", "README.md")], [("0", PATH)], "1"),
        ([("1", ENVIRONMENT)], [("0", PATH)], "1"),
        ([], [("9", "README.md"), ("8", PATH), ("7", PATH)], "8"),
        ([("1", f"{PATH}.orig")], [("0", PATH)], "0"),
        ([("1", f"{ENVIRONMENT}~")], [("0", PATH)], "0"),
        ([("1", "terraform/modules/database2/main.tf")], [("0", PATH)], "0"),
        ([("1", "terraform/environments/prod.yaml")], [("0", PATH)], "0"),
        ([], [], None),
        ([("1", "README.md")], [("1", "README.md")], None),
    ],
)
def test_the_commit_that_asks_is_the_last_that_touched_the_file_then_the_catalogue_then_ever(
    change, since, line, commit
):
    steps, all_steps = ([Step(sha, (path,)) for sha, path in each] for each in (since, line))
    assert asking_commit(change, steps, all_steps) == commit


def test_the_whole_line_is_not_walked_where_the_last_steps_tell(change):
    def line():
        raise AssertionError("walked")
        yield

    assert asking_commit(change, [Step("1", ("a", PATH))], line()) == "1"


def test_the_pull_is_the_one_whose_merge_it_is_else_any_that_brought_it(pull):
    exact = pull(1, PullState.MERGED, merge_commit="c")
    other = pull(2, PullState.MERGED, merge_commit="d")
    assert bringing_pull("c", [other, exact], "main") == exact
    assert bringing_pull("e", [other, exact], "main") == other
    assert bringing_pull("c", [], "main") is None


@pytest.mark.parametrize(
    "facts",
    [
        {"state": PullState.OPEN, "merge_commit": "c"},
        {"state": PullState.CLOSED, "merge_commit": "c"},
        {"state": PullState.MERGED, "merge_commit": "c", "base": "release"},
    ],
)
def test_a_pull_that_is_not_merged_here_approves_nothing(pull, facts):
    assert bringing_pull("c", [pull(**facts)], "main") is None
