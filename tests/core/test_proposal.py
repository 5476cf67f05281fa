import pytest

from controller.core.catalogue import read_catalogue
from controller.core.change import Create, Destroy, Update
from controller.core.proposal import Sides, propose
from controller.core.requests import read_requests
from controller.core.wanted import changed_paths

PATH = "requests/payments/orders.yaml"
OTHER = "requests/payments/other.yaml"


@pytest.fixture
def merge(tree, standing, pull):
    """A pull that leads from one tree to another; `applied` is the tree that stands, the tip unless told otherwise."""

    def make(tip, merged, applied=None):
        before, after = tree(tip), tree(merged)
        stands = standing(tree(tip if applied is None else applied))
        sides = Sides(before, after, changed_paths(before.blobs, after.blobs))
        return propose(pull(), "t" * 40, sides, stands)

    return make


def kinds(proposal):
    return [type(change) for change in proposal.changes]


@pytest.mark.parametrize(
    ("tip", "merged", "expected"),
    [
        ({}, {PATH: {}}, [Create]),
        ({PATH: {}}, {PATH: {"size": "medium"}}, [Update]),
        ({PATH: {}}, {}, [Destroy]),
        ({PATH: {}}, {PATH: {}, OTHER: {"name": "other"}}, [Create]),
        ({PATH: {"size": "medium"}}, {PATH: {"size": "small"}}, [Update]),
        ({PATH: {}}, {OTHER: {}}, []),
        ({PATH: {}}, {PATH: {"size": "small"}}, []),
        ({PATH: {}}, {PATH: {}}, []),
    ],
)
def test_a_proposal_is_what_the_merge_would_change(merge, ask, tip, merged, expected):
    proposal = merge(*({path: ask(**facts) for path, facts in side.items()} for side in (tip, merged)))
    assert kinds(proposal) == expected
    assert proposal.rejections == ()
    assert proposal.touches_requests is (tip != merged)


def test_a_branch_that_only_changes_a_comment_changes_nothing(merge, ask):
    proposal = merge({PATH: ask()}, {PATH: f"# why\n{ask()}"})
    assert (proposal.changes, proposal.rejections, proposal.touches_requests) == ((), (), True)


@pytest.mark.parametrize("text", ["[", "kind: database\n", ""])
def test_only_files_that_the_pull_changes_are_judged(merge, ask, text):
    bad = {"requests/search/bad.yaml": text, "requests/loose.txt": text}
    proposal = merge(bad, {**bad, PATH: ask()})
    assert kinds(proposal) == [Create]
    assert proposal.rejections == ()


def test_a_mistake_in_a_changed_file_is_rejected_and_plans_nothing_for_it(merge, ask):
    proposal = merge({PATH: ask()}, {PATH: ask(size="XL"), OTHER: ask(name="other")})
    assert [each.field for each in proposal.rejections] == ["parameters.size"]
    assert [change.request.id.name for change in proposal.changes] == ["other"]


@pytest.mark.parametrize("applied", [None, {}])
def test_a_file_that_becomes_unreadable_is_never_a_destroy(merge, ask, applied):
    proposal = merge({PATH: ask()}, {PATH: "["}, applied)
    assert proposal.changes == ()
    assert [each.path for each in proposal.rejections] == [PATH]


def test_a_file_that_is_mended_is_a_change_again(merge, ask):
    proposal = merge({PATH: "["}, {PATH: ask(size="medium")}, {PATH: ask()})
    assert kinds(proposal) == [Update]
    assert proposal.changes[0].parameters[0].before == "small"


def test_an_identity_that_another_file_has_is_rejected_in_the_changed_file_only(merge, ask):
    proposal = merge({PATH: ask()}, {PATH: ask(), OTHER: ask()})
    assert [each.path for each in proposal.rejections] == [OTHER]
    assert f"is also asked for in `{PATH}`" in proposal.rejections[0].problem
    assert proposal.changes == ()


def test_another_identity_at_the_same_path_is_rejected_with_the_way_out(merge, ask):
    proposal = merge({PATH: ask()}, {PATH: ask(name="renamed")})
    (rejection,) = proposal.rejections
    assert "as `dev/database/renamed` it would destroy that one" in rejection.problem
    assert proposal.changes == ()


def test_a_rename_before_anything_was_applied_is_free(merge, ask):
    proposal = merge({PATH: ask()}, {PATH: ask(name="renamed")}, {})
    assert proposal.rejections == ()
    assert {(type(change), change.request.id.name) for change in proposal.changes} == {
        (Create, "renamed"),
        (Destroy, "orders"),
    }


def test_a_rename_into_a_new_file_is_a_create_and_a_destroy(merge, ask):
    proposal = merge({PATH: ask()}, {OTHER: ask(name="renamed")})
    assert proposal.rejections == ()
    assert sorted(kind.__name__ for kind in kinds(proposal)) == ["Create", "Destroy"]


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [({"engine": "postgres"}, {"engine": "mysql"}, "engine"), ({"storage": 30}, {"storage": 20}, "storage")],
)
def test_a_forbidden_change_is_rejected(merge, ask, before, after, field):
    proposal = merge({PATH: ask(**before)}, {PATH: ask(**after)})
    assert [(each.path, each.field) for each in proposal.rejections] == [(PATH, f"parameters.{field}")]
    assert proposal.changes == ()


def test_what_was_merged_and_never_begun_may_still_change_in_any_way(merge, ask):
    proposal = merge({PATH: ask(engine="postgres")}, {PATH: ask(engine="mysql")}, {})
    assert proposal.rejections == ()
    assert kinds(proposal) == [Update]


def test_a_pull_is_compared_with_the_tip_and_not_with_what_is_yet_to_be_applied(merge, ask):
    """A merge that still waits for a worker is not the next pull's change."""
    tip = {PATH: ask(size="medium")}
    proposal = merge(tip, {**tip, OTHER: ask(name="other")}, {PATH: ask()})
    assert [change.request.id.name for change in proposal.changes] == ["other"]


def test_values_are_told_from_what_was_applied(merge, ask):
    proposal = merge({PATH: ask(size="medium")}, {PATH: ask(size="medium", note="x")}, {PATH: ask()})
    assert [(each.name, each.before, each.after) for each in proposal.changes[0].parameters] == [
        ("size", "small", "medium"),
        ("note", "", "x"),
    ]


def test_putting_back_what_is_about_to_be_destroyed_changes_nothing(merge, ask):
    assert merge({}, {PATH: ask()}, {PATH: ask()}).changes == ()


def test_a_destroy_works_from_what_was_begun(merge, standing, tree, ask):
    (change,) = merge({PATH: ask(size="medium")}, {}, {PATH: ask()}).changes
    (stands,) = standing(tree({PATH: ask()})).values()
    assert change.digest == stands.begun


@pytest.fixture
def with_catalogue(files, tree, pull, blob):
    """A pull that changes the catalogue too."""

    def make(texts, more):
        theirs = read_catalogue({**files, **more})
        before, merged = tree({}), tree(texts)
        blobs = {path: blob(text) for path, text in texts.items()}
        paths = changed_paths(before.blobs, merged.blobs) | more.keys()
        return propose(
            pull(),
            "t" * 40,
            Sides(before, merged, paths, read_requests(blobs, theirs), theirs.rejections),
            {},
        )

    return make


QUEUE = b"title: Q\ndescription: D\nprovider: aws\n"
QA = b"title: QA\nkinds: [queue]\n"


def test_a_request_that_only_the_heads_catalogue_can_render_is_planned_after_the_merge(with_catalogue):
    more = {"terraform/modules/queue/kind.yaml": QUEUE, "terraform/environments/qa.yaml": QA}
    proposal = with_catalogue({PATH: "kind: queue\nname: q\nenvironment: qa\n"}, more)
    assert (proposal.rejections, proposal.changes, proposal.deferred) == ((), (), (PATH,))


def test_what_the_heads_catalogue_cannot_read_either_is_rejected(with_catalogue):
    more = {"terraform/modules/queue/kind.yaml": QUEUE, "terraform/environments/qa.yaml": QA}
    proposal = with_catalogue({PATH: "kind: queue\nname: q\nenvironment: qa\nparameters: {x: 1}\n"}, more)
    assert [each.field for each in proposal.rejections] == ["parameters.x"]
    assert proposal.deferred == ()


def test_a_mistake_in_the_catalogue_that_the_pull_changes_is_rejected(with_catalogue):
    proposal = with_catalogue({}, {"terraform/modules/queue/kind.yaml": b"title: ["})
    assert [each.path for each in proposal.rejections] == ["terraform/modules/queue/kind.yaml"]


def test_what_only_the_tips_catalogue_accepts_is_rejected_and_not_planned(with_catalogue, files, ask):
    narrowed = files["terraform/environments/dev.yaml"].replace(b"[small, medium]", b"[small]")
    proposal = with_catalogue({PATH: ask(size="medium")}, {"terraform/environments/dev.yaml": narrowed})
    assert [each.field for each in proposal.rejections] == ["parameters.size"]
    assert proposal.changes == ()
