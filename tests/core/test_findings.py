import pytest

from controller.core.catalogue import read_catalogue
from controller.core.findings import as_workflow_command, findings
from controller.core.rejection import Rejection


def test_everything_wrong_in_a_tree_is_found_the_catalogue_first(files, tree, ask):
    catalogue = read_catalogue({**files, "terraform/environments/qa.yml": b""})
    wanted = tree({"requests/b.yaml": "x", "requests/a/x.yaml": ask(size="XL", storage=1)}, catalogue)
    assert [each.path for each in findings(wanted, catalogue.rejections)] == [
        "terraform/environments/qa.yml",
        "requests/a/x.yaml",
        "requests/a/x.yaml",
        "requests/b.yaml",
    ]


@pytest.mark.parametrize(
    ("path", "field", "problem", "command"),
    [
        ("a.yaml", "size", "p", "::error file=a.yaml,line=4,col=3::size: p. w"),
        ("a.yaml", "", "p", "::error file=a.yaml,line=4,col=3::p. w"),
        ("a.yaml", "", "50%\n::error::x\r", "::error file=a.yaml,line=4,col=3::50%25%0A::error::x%0D. w"),
        ("a,b:c\n.yaml", "", "p", "::error file=a%2Cb%3Ac%0A.yaml,line=4,col=3::p. w"),
    ],
)
def test_a_finding_is_one_workflow_command_that_nobody_can_extend(path, field, problem, command):
    assert as_workflow_command(Rejection(path, 4, 3, field, problem, "w")) == command
