"""What becomes of an open pull as its own branch, the default branch and other pulls move on."""

import re
import urllib.request

import pytest
from github import Auth, GithubIntegration

from tests.e2e.conftest import eventually
from tests.stories.steps import row, spaced


def test_a_link_leads_to_the_line_of_a_mistake_and_a_push_mends_it(world, at):
    name = world.name()
    text = f"kind: sandbox\nname: {name}\nenvironment: dev\nparameters:\n  sise: small\n  replicas: 50\n"
    pull = world.propose({at(name): text})

    comment = world.says(pull, "Cannot merge: 2 mistakes")
    assert "Did you mean `size`?" in comment and "Write 10 or less." in comment
    links = dict(re.findall(r"\[`([^`]+)`\]\(([^)]+)\)", comment))
    assert list(links) == [f"{at(name)}:5:3", f"{at(name)}:6:3"]
    for address, words in zip(links.values(), ("sise: small", "replicas: 50"), strict=True):
        assert f"/blob/{pull.head.sha}/" in address and shown_line(address) == words
    assert world.reaches(pull.head.sha, "validate", "failure").description == "Cannot merge: 2 mistakes"

    head = world.commit(pull.head.ref, {at(name): text.replace("sise", "size").replace("50", "5")})
    comment = world.says(pull, "Ready: 1 change")
    assert "mistake" not in comment and "sise" not in comment and len(world.comments(pull)) == 1
    world.reaches(head, "validate", "success")


def shown_line(address):
    """The line that a link to a file leads to, as the page shows it."""
    page, _, anchor = address.partition("#")
    with urllib.request.urlopen(page) as answer:
        html = answer.read().decode()
    line = re.search(rf'<tr[^>]* id="{anchor}".*?</tr>', html, re.DOTALL)[0]
    return re.sub(r"<[^>]+>", "", line).strip()


@pytest.mark.parametrize("way", ["merge", "rebase"])
def test_a_conflict_is_solved_by_a_merge_or_a_rebase_as_the_comment_says(world, ask, at, way):
    name = world.provisioned(size="small")
    pull = world.propose({at(name): ask(name, size="medium")})
    world.says(pull, "Ready: 1 change")
    world.push({at(name): ask(name, size="large")})

    comment = world.says(pull, "Cannot merge: it conflicts with the default branch")
    assert f"Merge or rebase the default branch into this one. It conflicts in `{at(name)}`." in comment
    assert (
        world.reaches(pull.head.sha, "plan", "failure").description
        == "Cannot merge: it conflicts with the default branch"
    )

    tip = world.tip()
    parents = [tip, pull.head.sha] if way == "merge" else [tip]
    head = world.written(parents, {at(name): ask(name, size="medium")})
    world.as_("requester").get_git_ref(f"heads/{pull.head.ref}").edit(head, force=True)
    world.reaches(head, "plan", "success")
    assert "conflicts" not in world.says(pull, "Ready: 1 change")


def test_two_open_pulls_on_one_request_name_each_other_until_one_is_closed(world, ask, at):
    name = world.provisioned(size="small")
    one = world.propose({at(name): ask(name, size="medium")})
    assert "also in" not in world.says(one, "Ready: 1 change")
    other = world.propose({at(name): ask(name, size="large")})

    assert f"; also in #{one.number} |" in row(world.says_in(other, "also in", "plan"), name)
    assert f"; also in #{other.number} |" in row(world.says_in(one, "also in", "plan"), name)
    other.edit(state="closed")
    assert eventually(lambda: "also in" not in world.comment(one))


def test_a_request_that_the_default_branch_moves_is_planned_again(world, at):
    name = world.name()
    world.brought({at(name): spaced(name, size="small", replicas=1)})
    pull = world.propose({at(name): spaced(name, size="large", replicas=1)})
    assert row(world.says(pull, "Ready: 1 change"), name).count("→") == 1
    first = newest(world, name)
    world.brought({at(name): spaced(name, size="small", replicas=3)})

    world.says_in(pull, f"on top of {world.tip()[:7]}", "plan")
    assert eventually(
        lambda: newest(world, name)["id"] > first["id"] and newest(world, name)["state"]["type"] == "ended"
    )
    comment = world.says(pull, "Ready: 1 change")
    assert "size `small` → `large`: in place | low" in row(comment, name)
    assert f"/runs/{newest(world, name)['id']})" in comment and f"/runs/{first['id']})" not in comment
    world.merge(pull)
    world.says(pull, "1 request provisioned", "result")


def newest(world, name):
    """The newest plan of a request."""
    plans = [each["run"] for each in world.runs(name) if each["run"]["operation"] == "plan"]
    return max(plans, key=lambda run: run["id"])


def test_a_plan_is_outdated_while_a_run_changes_what_it_was_made_from(world, at):
    name = world.name()
    world.brought({at(name): spaced(name, size="small", seconds=0)})
    pull = world.propose({at(name): spaced(name, size="large", seconds=0)})
    world.says(pull, "Ready: 1 change")
    slow = world.propose({at(name): spaced(name, size="small", seconds=4)})
    world.says(slow, "Ready: 1 change")
    world.merge(slow)

    comment = world.says(pull, "Outdated: planned again once run ")
    assert f" of {name} has ended" in world.headline(pull)
    assert "| outdated |" in row(comment, name) and "Merging is the approval" not in comment
    assert world.reaches(pull.head.sha, "plan", "pending").description == world.headline(pull)

    world.says(slow, "1 request provisioned", "result")
    comment = world.says(pull, "Ready: 1 change")
    assert "size `small` → `large`: in place | low" in row(comment, name)
    world.merge(pull)
    world.says(pull, "1 request provisioned", "result")


def test_a_pull_on_another_base_is_left_alone_until_it_comes_here(world, ask, at):
    name, base = world.name(), world.name()
    world.commit(base, {at(base): ask(base)})
    world.commit(name, {at(name): ask(name)})
    pull = world.repository["requester"].create_pull(base=base, head=name, title="Elsewhere", body="")
    later = world.propose({at(third := world.name()): ask(third)})
    world.says(later, "Ready: 1 change")
    assert world.comments(pull) == [] and world.status(pull.head.sha, "plan") is None

    pull.edit(base="main")
    assert name in world.says(pull, "Ready: 1 change")


def test_a_pull_without_requests_needs_nobody(world):
    pull = world.propose({f"docs/{world.name()}.md": "Words.\n"})

    said = {
        world.reaches(pull.head.sha, each, "success").description for each in ("validate", "plan", "approval")
    }
    assert said == {"no requests in this pull"} and world.comments(pull) == []
    merged = world.merge(pull)
    world.provisioned()
    assert world.status(merged, "apply") is None and world.comments(pull) == []


def test_each_approval_that_does_not_count_is_told_with_its_reason(world, ask, at):
    name = world.name()
    branch = f"infrautomater/for/reviewer/{name}"
    opened = world.proposed_at_once({at(name): ask(name, "guarded")}, branch=branch, by=ourselves(world))
    world.says(opened, "Ready: 1 change")
    for login in ("admin", "reviewer", "requester"):
        world.approve(opened, login)
    world.says_in(opened, "- `guarded`: 1 of 1, by `admin`.", "plan")
    head = world.commit(branch, {at(name): ask(name, "guarded", size="large")})
    world.approve(opened, "reviewer")

    comment = world.says_in(opened, "admin: approved the older commit", "plan")
    assert "- `guarded`: 0 of 1. Wanted: one of `@acme/platform`." in comment
    assert [line for line in comment.splitlines() if "Not counted" in line] == [
        f"  - Not counted: admin: approved the older commit {opened.head.sha[:7]}.",
        "  - Not counted: reviewer: the author's own approval does not count here.",
        "  - Not counted: requester: is none of @\u200bacme/platform.",
    ]
    assert world.reaches(head, "approval", "pending").description.startswith(
        "0 of 1 for guarded: needs one of"
    )


def ourselves(world):
    """The repository as the controller sees it, which opens pulls for others."""
    account = world.stack.account
    auth = Auth.AppAuth(account.app_id, account.key)
    with GithubIntegration(auth=auth, base_url=world.stack.github) as app:
        installed = app.get_repo_installation(*world.stack.repository.split("/"))
        return installed.get_github_for_installation().get_repo(world.stack.repository)
