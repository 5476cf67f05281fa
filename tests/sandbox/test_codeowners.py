import pytest

from controller.sandbox.rules import codeowners
from tests.sandbox.conftest import put

pytestmark = pytest.mark.edge

# What the examples of GitHub's page say: the pattern, what it takes in, and what it does not.
PATTERNS = [
    ("*", ["README.md", "deep/in/a/folder.txt"], []),
    ("*.js", ["app.js", "deep/in/a/folder.js"], ["app.jsx", "js"]),
    ("*.go", ["main.go", "pkg/main.go"], ["main.gone"]),
    ("/build/logs/", ["build/logs/a", "build/logs/deep/a"], ["x/build/logs/a", "build/log"]),
    ("docs/*", ["docs/getting-started.md"], ["docs/build-app/troubleshooting.md", "x/docs/a.md"]),
    ("apps/", ["apps/a", "deep/apps/a", "deep/apps/b/c"], ["apps", "app/a"]),
    ("/docs/", ["docs/a", "docs/b/c"], ["x/docs/a", "docs"]),
    ("/scripts/", ["scripts/a"], ["x/scripts/a"]),
    ("**/logs", ["build/logs/a", "scripts/logs/a", "deeply/nested/logs/a", "logs/a"], ["logs.txt"]),
    ("/apps/", ["apps/github/a"], ["x/apps/a"]),
    ("/apps/github", ["apps/github", "apps/github/a"], ["apps/githubber"]),
    ("README.md", ["README.md", "docs/README.md"], ["README.mdx"]),
    ("with\\ space/*", ["with space/a"], ["with", "space/a"]),
    ("requests/**/*.yaml", ["requests/a.yaml", "requests/pay/b.yaml"], ["requests/a.yml"]),
]


@pytest.mark.parametrize(("pattern", "inside", "outside"), PATTERNS)
def test_patterns_match_as_githubs_examples_say(pattern, inside, outside):
    rules = codeowners.read(f"{pattern} @octocat")

    assert [path for path in inside if not codeowners.owners(rules, path)] == []
    assert [path for path in outside if codeowners.owners(rules, path)] == []


def test_the_last_rule_that_matches_decides_and_may_say_nobody():
    rules = codeowners.read(
        "* @all # whoever\n\n# a comment\n/apps/ @apps @acme/team me@example.com\n/apps/github\n"
    )

    assert codeowners.owners(rules, "README.md") == ("@all",)
    assert codeowners.owners(rules, "apps/a") == ("@apps", "@acme/team", "me@example.com")
    assert codeowners.owners(rules, "apps/github/a") == ()


@pytest.mark.parametrize(
    ("line", "kind", "column"),
    [
        ("!docs/ @a", "Invalid pattern", 1),
        ("docs/[ab] @a", "Invalid pattern", 1),
        ("docs/ a", "Invalid owner", 7),
        ("docs/ @nobody", "Unknown owner", 7),
    ],
)
def test_a_line_with_a_mistake_says_so_and_counts_for_nothing(line, kind, column):
    [found] = codeowners.mistakes(f"* @all\n{line}\n", lambda owner: owner != "@nobody")

    assert (found.line, found.column, found.kind, found.source) == (2, column, kind, line)
    if kind != "Unknown owner":
        assert codeowners.owners(codeowners.read(f"* @all\n{line}\n"), "docs/a") == ("@all",)


@pytest.fixture
def owned(world):
    """A base branch with code owners, protected by their reviews."""

    def make(text, path=".github/CODEOWNERS", **rules):
        base = world.branch({path: text})
        branch = world.repo("admin").get_branch(base)
        branch.edit_protection(require_code_owner_reviews=True, required_approving_review_count=0, **rules)
        return base

    return make


def asked(world, pull):
    found = world.call("GET", f"/repos/acme/infrastructure/pulls/{pull.number}/requested_reviewers").json()
    return [one["login"] for one in found["users"]], [one["slug"] for one in found["teams"]]


def requests(world, pull):
    return world.deliveries("pull_request", "review_requested", number=pull.number)


@pytest.mark.parametrize("path", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_code_owners_are_asked_when_a_pull_opens(world, owned, path):
    name = world.name()
    pull = world.pull(
        {f"{name}/a.yaml": "x\n"}, base=owned(f"/{name}/ @reviewer @acme/platform @requester\n", path)
    )

    assert asked(world, pull) == (["reviewer"], ["platform"])
    told = [one.get("requested_reviewer", one.get("requested_team"))["name" if "requested_team" in one else "login"]
            for one in requests(world, pull)]  # fmt: skip
    assert told == ["reviewer", "platform"]


def test_the_owners_of_a_draft_are_asked_once_it_is_ready(world, owned):
    pull = world.pull(base=owned("* @reviewer\n"), draft=True)
    assert asked(world, pull) == ([], [])

    pull.mark_ready_for_review()
    assert asked(world, pull) == (["reviewer"], [])


def test_a_merge_waits_for_an_owner_of_every_file(world, owned):
    one, two = world.name(), world.name()
    base = owned(f"/{one}/ @reviewer @admin\n/{two}/ @controller\n")
    pull = world.pull({f"{one}/a": "x\n", f"{two}/a": "x\n"}, base=base)
    repo = world.repo("reviewer").get_pull(pull.number)

    def refused():
        path = f"/repos/acme/infrastructure/pulls/{pull.number}/merge"
        return world.call("PUT", path).json()["message"]

    assert refused() == "Waiting on code owner review from reviewer and/or admin."
    repo.create_review(event="APPROVE")
    assert refused() == "Waiting on code owner review from controller."
    assert world.repo().get_pull(pull.number).mergeable_state == "blocked"
    world.repo("controller").get_pull(pull.number).create_review(event="APPROVE")
    assert world.repo().get_pull(pull.number).mergeable_state == "clean"
    assert repo.merge().merged


def test_a_member_of_a_team_that_owns_answers_for_the_team(world, owned):
    pull = world.pull(base=owned("* @acme/platform\n"))
    assert asked(world, pull) == ([], ["platform"])
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")

    assert asked(world, pull) == ([], [])
    assert world.repo().get_pull(pull.number).mergeable_state == "clean"


def test_owners_who_may_not_write_are_none(world, owned):
    pull = world.pull(base=owned("* @guest @stranger\n"))

    assert asked(world, pull) == ([], [])
    assert world.repo().get_pull(pull.number).mergeable_state == "clean"


def test_a_new_file_of_owners_counts_for_the_pulls_that_are_open(world, owned):
    base = owned("* @reviewer\n")
    pull = world.pull(base=base)
    put(world.repo("admin"), base, ".github/CODEOWNERS", "* @controller\n")

    answer = world.call("PUT", f"/repos/acme/infrastructure/pulls/{pull.number}/merge", "reviewer")
    assert answer.json()["message"] == "Waiting on code owner review from controller."


def test_the_mistakes_of_the_file_are_listed(world):
    base = world.branch({".github/CODEOWNERS": "* @reviewer\n/a/ @guest\n![x] @reviewer\n"})
    path = "/repos/acme/infrastructure/codeowners/errors"
    found = world.call("GET", f"{path}?ref={base}").json()["errors"]

    assert [(one["line"], one["kind"], one["path"]) for one in found] == [
        (2, "Unknown owner", ".github/CODEOWNERS"),
        (3, "Invalid pattern", ".github/CODEOWNERS"),
    ]
    assert world.call("GET", path).status_code == 404


def test_teams_are_asked_for_their_review_and_asked_no_more(world):
    pull = world.pull()
    pull.create_review_request(reviewers=["reviewer"], team_reviewers=["platform"])
    assert asked(world, pull) == (["reviewer"], ["platform"])

    pull.delete_review_request(reviewers=["reviewer"], team_reviewers=["platform"])
    assert asked(world, pull) == ([], [])
    assert len(world.deliveries("pull_request", "review_request_removed", number=pull.number)) == 2


def test_the_owners_of_what_a_push_adds_are_asked_and_nobody_twice(world, owned):
    one, two = world.name(), world.name()
    pull = world.pull({f"{one}/a": "x\n"}, base=owned(f"/{one}/ @reviewer\n/{two}/ @controller\n"))
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    put(world.repo(), pull.head.ref, f"{two}/a", "x\n")

    assert asked(world, pull) == (["controller"], [])
