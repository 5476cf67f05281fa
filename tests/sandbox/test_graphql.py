from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from graphql import (
    build_schema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
    is_union_type,
    print_ast,
)

from controller.sandbox.accounts import installation_tokens
from controller.sandbox.box import Box
from controller.sandbox.graphql.engine import schema
from controller.sandbox.render.users import node_id
from tests.sandbox.conftest import SEED, World, put

pytestmark = pytest.mark.edge
PUBLISHED = Path(__file__).parents[1] / "github" / "schema.graphql"


@pytest.fixture
def ask(world):
    """What the API answers to a query about a pull, by login."""

    def answer(query, login="requester", **variables):
        body = {"query": query, "variables": variables}
        return world.call("POST", "/../graphql", login, json=body).json()

    return answer


@pytest.fixture
def about(ask):
    """Fields of a pull."""

    def answer(pull, fields, login="requester"):
        query = "query($n: Int!) { repository(owner: %s, name: %s) { pullRequest(number: $n) { %s } } }"
        found = ask(query % ('"acme"', '"infrastructure"', fields), login, n=pull.number)
        assert "errors" not in found, found
        return found["data"]["repository"]["pullRequest"]

    return answer


def test_the_schema_is_a_part_of_githubs():
    """Every type, field, argument and member that the box has is GitHub's, with GitHub's types."""
    ours, theirs = schema(), build_schema(PUBLISHED.read_text(), assume_valid=True)
    for name, kind in ours.type_map.items():
        if name.startswith("__"):
            continue
        published = theirs.type_map[name]
        assert type(published) is type(kind), name
        if is_object_type(kind) or is_interface_type(kind):
            assert {one.name for one in kind.interfaces} <= {one.name for one in published.interfaces}, name
            for field, found in kind.fields.items():
                assert described(found) == described(published.fields[field]), f"{name}.{field}"
        elif is_input_object_type(kind):
            assert {one: str(found.type) for one, found in kind.fields.items()} == {
                one: str(found.type) for one, found in published.fields.items()
            }
        elif is_enum_type(kind):
            assert set(kind.values) == set(published.values), name
        elif is_union_type(kind):
            assert {one.name for one in kind.types} <= {one.name for one in published.types}, name


def described(field):
    return str(field.type), {name: print_ast(one.ast_node) for name, one in field.args.items()}


@pytest.mark.parametrize("base", ["/api/graphql", "/graphql"])
def test_the_review_decision_is_null_while_no_review_is_required(world, base):
    pull = world.pull()
    query = """query($owner: String!, $n: Int!) { repository(owner: $owner, name: "infrastructure") {
        mine: pullRequest(number: $n) { ... on PullRequest { reviewDecision ...Who } } } }
        fragment Who on PullRequest { isDraft author { login ... on User { name } } }"""
    body = {"query": query, "variables": {"owner": "acme", "n": pull.number}}
    token = f"Bearer {world.box.tokens['controller']}"
    answer = world.call("POST", f"/../..{base}", json=body, headers={"Authorization": token})

    author = {"login": "requester", "name": "Requester"}
    expected = {"reviewDecision": None, "isDraft": False, "author": author}
    assert answer.json() == {"data": {"repository": {"mine": expected}}}


def test_the_review_decision_follows_the_reviews(world, about):
    base = world.branch()
    world.repo("admin").get_branch(base).edit_protection(required_approving_review_count=1)
    pull = world.pull(base=base)
    fields = "reviewDecision mergeStateStatus mergeable"

    def decided():
        return about(pull, fields)["reviewDecision"]

    found = about(pull, fields)
    assert found == {
        "reviewDecision": "REVIEW_REQUIRED",
        "mergeStateStatus": "BLOCKED",
        "mergeable": "MERGEABLE",
    }
    world.repo("guest").get_pull(pull.number).create_review(event="APPROVE")
    assert decided() == "REVIEW_REQUIRED"
    review = world.repo("reviewer").get_pull(pull.number).create_review(body="No", event="REQUEST_CHANGES")
    assert decided() == "CHANGES_REQUESTED"
    review.dismiss("Well")
    assert decided() == "REVIEW_REQUIRED"
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    world.repo("reviewer").get_pull(pull.number).create_review(body="By the way", event="COMMENT")
    assert decided() == "APPROVED"


@pytest.mark.parametrize(
    ("rules", "owner", "decision"),
    [
        ({"required_approving_review_count": 1}, "nobody", "APPROVED"),
        ({"required_approving_review_count": 2}, "nobody", "REVIEW_REQUIRED"),
        ({"require_code_owner_reviews": True, "required_approving_review_count": 0}, "reviewer", "APPROVED"),
        (
            {"require_code_owner_reviews": True, "required_approving_review_count": 1},
            "controller",
            "REVIEW_REQUIRED",
        ),
    ],
)
def test_a_merge_leaves_the_review_decision_as_it_was(world, about, rules, owner, decision):
    base = world.branch({"CODEOWNERS": f"* @{owner}\n"})
    world.repo("admin").get_branch(base).edit_protection(**rules)
    pull = world.pull(base=base)
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")

    assert about(pull, "reviewDecision") == {"reviewDecision": decision}
    world.repo("admin").get_pull(pull.number).merge()
    assert about(pull, "merged reviewDecision") == {"merged": True, "reviewDecision": decision}


def test_an_approval_that_a_push_dismissed_decides_no_more(world, about):
    base = world.branch()
    rules = {"required_approving_review_count": 1, "dismiss_stale_reviews": True}
    world.repo("admin").get_branch(base).edit_protection(**rules)
    pull = world.pull(base=base)
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    put(world.repo(), pull.head.ref, f"more/{world.name()}", "text\n")

    assert about(pull, "reviewDecision") == {"reviewDecision": "REVIEW_REQUIRED"}
    world.repo("admin").get_pull(pull.number).merge()
    assert about(pull, "reviewDecision") == {"reviewDecision": "REVIEW_REQUIRED"}


def test_the_review_of_a_code_owner_may_be_what_is_required(world, about):
    base = world.branch({"CODEOWNERS": "* @reviewer\n"})
    rules = {"require_code_owner_reviews": True, "required_approving_review_count": 0}
    world.repo("admin").get_branch(base).edit_protection(**rules)
    pull = world.pull(base=base)
    asked = "reviewRequests(first: 9) { nodes { asCodeOwner requestedReviewer { ... on User { login } } } }"

    found = about(pull, f"reviewDecision {asked}")
    assert found["reviewDecision"] == "REVIEW_REQUIRED"
    assert found["reviewRequests"]["nodes"] == [
        {"asCodeOwner": True, "requestedReviewer": {"login": "reviewer"}}
    ]
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    assert about(pull, "reviewDecision") == {"reviewDecision": "APPROVED"}


def test_reviews_are_told_apart_by_state_and_by_who_judged_last(world, about):
    pull = world.pull()
    theirs = world.repo("reviewer").get_pull(pull.number)
    theirs.create_review(event="APPROVE")
    theirs.create_review(body="No", event="REQUEST_CHANGES")
    world.repo("guest").get_pull(pull.number).create_review(event="APPROVE")

    found = about(
        pull,
        """approved: reviews(last: 9, states: [APPROVED]) { totalCount nodes { author { login } commit { oid } } }
        latestOpinionatedReviews(first: 9, writersOnly: true) { nodes { state author { login } } }""",
    )
    assert found["approved"]["totalCount"] == 2
    assert found["approved"]["nodes"][0] == {
        "author": {"login": "reviewer"},
        "commit": {"oid": pull.head.sha},
    }
    assert found["latestOpinionatedReviews"]["nodes"] == [
        {"state": "CHANGES_REQUESTED", "author": {"login": "reviewer"}}
    ]


def test_the_last_commit_says_what_its_statuses_come_to(world, about):
    pull = world.pull(commits=2)
    fields = (
        "commits(last: 1) { totalCount nodes { commit { oid messageHeadline statusCheckRollup { state } } } }"
    )
    [node] = about(pull, fields)["commits"]["nodes"]
    assert node["commit"]["oid"] == pull.head.sha and node["commit"]["statusCheckRollup"] is None

    world.repo("controller").get_commit(pull.head.sha).create_status("failure", context="a")
    [node] = about(pull, fields)["commits"]["nodes"]
    assert node["commit"]["statusCheckRollup"] == {"state": "FAILURE"}


def test_pulls_are_listed_in_pages(world, ask):
    numbers = [world.pull().number for _ in range(3)]
    query = """query($after: String) { repository(owner: "acme", name: "infrastructure") { pullRequests(
        first: 2, after: $after, states: [OPEN], orderBy: {field: CREATED_AT, direction: DESC}
    ) { nodes { number } pageInfo { hasNextPage endCursor } } } }"""

    first = ask(query)["data"]["repository"]["pullRequests"]
    assert [one["number"] for one in first["nodes"]] == [numbers[2], numbers[1]]
    second = ask(query, after=first["pageInfo"]["endCursor"])["data"]["repository"]["pullRequests"]
    assert second["nodes"][0]["number"] == numbers[0]


def test_a_pull_is_found_by_its_node_id_and_merged(world, ask):
    pull = world.pull()
    node = pull.raw_data["node_id"]
    query = "query($id: ID!) { node(id: $id) { __typename ... on PullRequest { number state headRefOid } } }"
    assert ask(query, id=node)["data"]["node"] == {
        "__typename": "PullRequest", "number": pull.number, "state": "OPEN", "headRefOid": pull.head.sha
    }  # fmt: skip

    merge = """mutation($id: ID!) { mergePullRequest(input: {pullRequestId: $id, mergeMethod: SQUASH,
        clientMutationId: "m"}) { clientMutationId pullRequest { merged mergedBy { login } mergeCommit { oid } } } }"""
    assert ask(merge, "guest", id=node)["errors"][0]["type"] == "FORBIDDEN"
    done = ask(merge, "reviewer", id=node)["data"]["mergePullRequest"]
    assert done["clientMutationId"] == "m" and done["pullRequest"]["mergedBy"] == {"login": "reviewer"}
    assert done["pullRequest"]["mergeCommit"]["oid"] == world.repo().get_pull(pull.number).merge_commit_sha


def test_reactions_and_folds_are_made_and_undone(world, ask):
    pull = world.pull()
    node = pull.create_issue_comment("Old news").raw_data["node_id"]
    react = (
        "mutation($id: ID!) { %sReaction(input: {subjectId: $id, content: EYES}) { reaction { content } } }"
    )
    fold = """mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED})
        { minimizedComment { isMinimized minimizedReason } } }"""

    assert ask(react % "add", id=node)["data"]["addReaction"] == {"reaction": {"content": "EYES"}}
    assert pull.get_issue_comments()[0].raw_data["reactions"]["eyes"] == 1
    assert ask(react % "remove", id=node)["data"]["removeReaction"]["reaction"]["content"] == "EYES"
    folded = ask(fold, "controller", id=node)["data"]["minimizeComment"]["minimizedComment"]
    assert folded == {"isMinimized": True, "minimizedReason": "outdated"}
    again = "mutation($id: ID!) { unminimizeComment(input: {subjectId: $id}) { unminimizedComment { isMinimized } } }"
    assert ask(again, "controller", id=node)["data"]["unminimizeComment"]["unminimizedComment"] == {
        "isMinimized": False
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ viewer { login }", "Syntax Error"),
        ("{ viewer % }", "Syntax Error"),
        ("{ viewer }", "selection"),
        ("{ repository(owner: 1) { name } }", "is required"),
        ("mutation { deleteEverything(input: {}) { id } }", "doesn't exist on type 'Mutation'"),
        ("{ viewer { ...Nobody } }", "Unknown fragment"),
        ("query A { viewer { login } } query B { viewer { login } }", "operation name"),
        ("{" * 500, "Syntax Error"),
    ],
)
def test_a_document_that_is_wrong_is_answered_with_errors_only(world, query, message):
    answer = world.call("POST", "/../graphql", json={"query": query})

    assert answer.status_code == 200 and set(answer.json()) == {"errors"}
    assert any(message in one["message"] for one in answer.json()["errors"])


def test_a_field_that_there_is_not_is_named_as_github_does(ask):
    [error] = ask("query Mine { me: viewer { nothing } }")["errors"]

    assert error == {
        "path": ["query Mine", "me", "nothing"],
        "extensions": {"code": "undefinedField", "typeName": "User", "fieldName": "nothing"},
        "locations": [{"line": 1, "column": 27}],
        "message": "Field 'nothing' doesn't exist on type 'User'",
    }


@pytest.mark.parametrize(
    ("query", "kind", "path"),
    [
        ('{ node(id: "PR_x") { id } }', "NOT_FOUND", ["node"]),
        ('{ repository(owner: "acme", name: "none") { name } }', "NOT_FOUND", ["repository"]),
        (
            '{ repository(owner: "acme", name: "infrastructure") { pullRequest(number: 99999) { id } } }',
            "NOT_FOUND",
            ["repository", "pullRequest"],
        ),
        (
            '{ repository(owner: "acme", name: "infrastructure") { pullRequests { totalCount } } }',
            "MISSING_PAGINATION_BOUNDARIES",
            ["repository", "pullRequests"],
        ),
        (
            '{ repository(owner: "acme", name: "infrastructure") { pullRequests(first: 101) { totalCount } } }',
            "EXCESSIVE_PAGINATION",
            ["repository", "pullRequests"],
        ),
    ],
)
def test_what_cannot_be_had_says_so_where_it_was_asked_for(ask, query, kind, path):
    answer = ask(query)

    assert [(one["type"], one["path"]) for one in answer["errors"]] == [(kind, path)]
    assert "data" in answer


def test_nobody_in_particular_is_refused(world):
    assert world.call("POST", "/../graphql", None, json={"query": "{ viewer { login } }"}).status_code == 401


def test_the_viewer_and_the_rate_limit_are_told(ask):
    found = ask("{ viewer { login databaseId } rateLimit { limit cost remaining resetAt } }", "reviewer")[
        "data"
    ]

    assert found["viewer"]["login"] == "reviewer" and found["rateLimit"]["cost"] == 1
    assert found["rateLimit"]["limit"] >= found["rateLimit"]["remaining"]


def test_a_new_head_is_seen(world, about):
    pull = world.pull()
    put(world.repo(), pull.head.ref, f"more/{world.name()}", "text\n")

    assert about(pull, "headRefOid commits(first: 9) { totalCount }") == {
        "headRefOid": world.repo().get_branch(pull.head.ref).commit.sha,
        "commits": {"totalCount": 2},
    }


@pytest.fixture(scope="module")
def outsiders(tmp_path_factory, receiver):
    """A box's node ids by noun, and the answer to a node by the token of a stranger or of an App that may little."""
    with Box(tmp_path_factory.mktemp("nodes") / "box", seed_files=SEED) as box:
        world, forge = World(box, receiver), box._started.forge
        pull = world.pull()
        pull.add_to_labels("urgent")
        pull.create_issue_comment("Said").create_reaction("eyes")
        world.repo("reviewer").get_pull(pull.number).create_review(body="Judged", event="COMMENT")
        with forge.lock:
            forge.users.add(replace(forge.user("guest"), id=0, login="stranger", token="ghp_stranger"))
            scope = installation_tokens.Scope(None, {"metadata": "read"})
            narrow = installation_tokens.mint(forge, forge.installations.all()[0], scope).token
            tables = {
                "PR": forge.pulls, "R": forge.repositories, "PRR": forge.reviews, "IC": forge.comments,
                "LA": forge.labels, "REA": forge.reactions, "T": forge.teams, "O": forge.organizations,
            }  # fmt: skip
            ids = {noun: node_id(noun, table.all()[0].id) for noun, table in tables.items()}

        def answer(noun, token):
            query = f"""{{ node(id: "{ids[noun]}") {{ id ... on PullRequest {{ title }} ... on IssueComment {{ body }} }} }}"""
            headers = {"Authorization": f"Bearer {token}"}
            return httpx2.post(box.graphql_url, headers=headers, json={"query": query}).json()

        yield answer, {"stranger": "ghp_stranger", "narrow": narrow, "member": box.tokens["requester"]}
        world.close()


@pytest.mark.parametrize(
    ("noun", "stranger", "narrow"),
    [
        ("PR", "NOT_FOUND", "FORBIDDEN"),
        ("R", "NOT_FOUND", None),
        ("PRR", "NOT_FOUND", "FORBIDDEN"),
        ("IC", "NOT_FOUND", "FORBIDDEN"),
        ("LA", "NOT_FOUND", "FORBIDDEN"),
        ("REA", "NOT_FOUND", "FORBIDDEN"),
        ("T", "NOT_FOUND", "FORBIDDEN"),
        ("O", None, None),
    ],
)
def test_a_node_is_shown_to_nobody_who_may_not_see_it_elsewhere(outsiders, noun, stranger, narrow):
    answer, tokens = outsiders

    assert "errors" not in answer(noun, tokens["member"])
    for who, kind in (("stranger", stranger), ("narrow", narrow)):
        kinds = {one["type"] for one in answer(noun, tokens[who]).get("errors", [])}
        assert kinds == ({kind} if kind else set()), who


def test_a_pending_review_is_its_authors_alone(world, ask, about):
    pull = world.pull({"pending.txt": "one\n"})
    path = f"/repos/acme/infrastructure/pulls/{pull.number}/reviews"
    draft = {"body": "Secret", "comments": [{"path": "pending.txt", "line": 1, "body": "Secret, too"}]}
    made = world.call("POST", path, "reviewer", json=draft).json()
    node = "query($id: ID!) { node(id: $id) { ... on PullRequestReview { body } } }"
    addresses = [f"{path}/{made['id']}", f"{path}/{made['id']}/comments"]
    for login, status in (("reviewer", 200), ("admin", 404), ("guest", 404)):
        assert [world.call("GET", one, login).status_code for one in addresses] == [status, status]
        assert ("errors" in ask(node, login, id=made["node_id"])) is (login != "reviewer")
        shown = about(pull, "reviews(first: 9) { totalCount }", login)["reviews"]["totalCount"]
        assert shown == len(world.call("GET", path, login).json()) == (login == "reviewer")
    dismissed = world.call("PUT", f"{addresses[0]}/dismissals", "admin", json={"message": "No"})
    assert dismissed.status_code == 404
