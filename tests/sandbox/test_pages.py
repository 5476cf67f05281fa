import re
import time

import jwt
import pytest

from controller.sandbox.acts import merges
from controller.sandbox.box import Box
from controller.sandbox.git.cli import Git, GitError
from tests.sandbox.clicking import Browser
from tests.sandbox.conftest import SEED, World
from tests.sandbox.queueing import head, pull_on, ruleset, set_status

REPO = "/acme/infrastructure"


@pytest.fixture
def browser(world):
    opened = []

    def open_as(login=None):
        found = Browser(world.box.url)
        opened.append(found)
        if login:
            found.sign_in(login)
        return found

    yield open_as
    for one in opened:
        one.close()


def at(pull, *parts):
    return "/".join([REPO, "pull", str(pull.number), *parts])


def test_one_signs_in_by_a_click_and_switches_by_another(browser):
    person = browser("requester")
    assert person.answer.status_code == 200 and "requester" in person.page.text

    person.look(f"{REPO}/pulls")
    person.press(login="reviewer")
    assert person.here.endswith("/pulls") and "Signed in as reviewer" in person.answer.text

    person.press("Sign out")
    assert "Sign in" in person.page.text and "Signed in as" not in person.answer.text


def test_the_cookie_of_a_session_is_out_of_reach_of_scripts_and_other_sites(world, browser):
    person = browser()
    person.look("/login")
    cookie = person.answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    policy = person.answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "unsafe-inline" not in policy


def test_signing_in_makes_a_session_that_nobody_could_have_known_before(browser):
    person = browser()
    person.look("/login")
    before = dict(person.http.cookies)
    person.press(login="requester")
    assert dict(person.http.cookies) != before


def test_whoever_is_not_signed_in_only_reads(world, browser):
    pull, person = world.pull(), browser()
    page = person.look(at(pull))
    assert person.answer.status_code == 200 and "Sign in to comment" in page.text and not page.forms

    answer = person.http.post(at(pull, "comments"), data={"body": "Hello"}, follow_redirects=False)
    assert answer.status_code == 403 and pull.get_issue_comments().totalCount == 0


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        ("made up", {}),
        ("", {}),
        ("ünknown", {}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Origin": "null"}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Sec-Fetch-Site": "same-site"}),
        (None, {"Host": "evil.example"}),
    ],
)
def test_a_forged_form_is_refused(world, browser, token, headers):
    pull, person = world.pull(), browser("requester")
    page = person.look(at(pull))
    real = next(dict(form.fields) for form in page.forms if form.action.endswith("/comments"))
    data = {"body": "forged", "authenticity_token": real["authenticity_token"] if token is None else token}
    if "Host" in headers:
        headers = headers | {
            "Cookie": "; ".join(f"{name}={value}" for name, value in person.http.cookies.items())
        }
    answer = person.http.post(at(pull, "comments"), data=data, headers=headers)
    assert answer.status_code == 403 and pull.get_issue_comments().totalCount == 0


def test_a_comment_is_posted_edited_and_deleted(world, browser):
    pull, person = world.pull(), browser("reviewer")
    person.look(at(pull))
    person.press("Comment", body="Looks *fine*\nto me")
    [made] = pull.get_issue_comments()
    assert (made.body, made.user.login) == ("Looks *fine*\nto me", "reviewer")
    assert f"issuecomment-{made.id}" in person.page.ids and person.here.endswith(f"#issuecomment-{made.id}")
    assert "Looks <em>fine</em><br>" in person.answer.text

    person.press("Update comment", action=f"comments/{made.id}", body="Really")
    assert [one.body for one in pull.get_issue_comments()] == ["Really"]
    person.press("Delete comment")
    assert pull.get_issue_comments().totalCount == 0


def test_a_comment_that_is_refused_says_so_in_github_s_words_and_is_not_lost(world, browser):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    person.press("Comment", body="x" * 65_537)
    assert "Validation Failed" in person.page.text and "Body is too long" in person.page.text
    fields = next(dict(form.fields) for form in person.page.forms if form.action.endswith("/comments"))
    assert len(fields["body"]) == 65_537
    assert "Validation Failed" not in person.look(at(pull)).text


def test_a_pull_is_closed_with_a_comment_and_opened_again(world, browser):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    person.press("Close pull request", body="Not now")
    pull.update()
    assert pull.state == "closed" and [one.body for one in pull.get_issue_comments()] == ["Not now"]
    person.press("Reopen pull request")
    assert world.repo().get_pull(pull.number).state == "open"


@pytest.mark.parametrize(
    ("button", "parents"), [("Merge pull request", 2), ("Squash and merge", 1), ("Rebase and merge", 1)]
)
def test_a_pull_is_approved_and_merged_in_three_ways(world, browser, button, parents):
    pull, person = world.pull(), browser("reviewer")
    person.look(at(pull, "files"))
    person.press("Submit review", event="APPROVE", body="")
    assert [one.state for one in pull.get_reviews()] == ["APPROVED"]
    assert "reviewer approved these changes" in person.page.text

    person.press(button)
    pull = world.repo().get_pull(pull.number)
    assert pull.merged and pull.merged_by.login == "reviewer" and "Merged" in person.page.text
    assert len(world.repo().get_commit(pull.merge_commit_sha).parents) == parents

    person.press("Delete branch")
    assert "has been deleted" in person.page.text
    person.press("Restore branch")
    assert world.repo().get_branch(pull.head.ref).commit.sha == pull.head.sha


def test_a_merge_commit_is_called_what_was_typed(world, browser):
    pull, person = world.pull(), browser("reviewer")
    person.look(at(pull))
    person.press("Squash and merge", commit_title="All of it", commit_message="At once")
    sha = world.repo().get_pull(pull.number).merge_commit_sha
    assert world.repo().get_commit(sha).commit.message == "All of it\n\nAt once"


def test_a_head_that_moved_since_it_was_seen_is_not_merged(world, browser):
    pull, person = world.pull(), browser("reviewer")
    person.look(at(pull))
    world.repo().create_file(f"files/late-{pull.number}", "Late", "late\n", branch=pull.head.ref)
    person.press("Merge pull request")
    assert "Head branch was modified" in person.page.text and not world.repo().get_pull(pull.number).merged


def test_a_guest_is_told_who_may_merge_and_is_refused_in_github_s_words(world, browser):
    pull, person = world.pull(), browser("guest")
    page = person.look(at(pull))
    assert "Only those with write access to this repository can merge pull requests." in page.text
    token = dict(page.forms[0].fields)["authenticity_token"]
    sent = {"authenticity_token": token, "merge_method": "merge", "return_to": at(pull)}
    person._shown(person.http.post(at(pull, "merge"), data=sent))
    assert "Must have push access to repository." in person.page.text
    assert not world.repo().get_pull(pull.number).merged


def test_nobody_approves_their_own_pull(world, browser):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull, "files"))
    person.press("Submit review", event="APPROVE", body="Mine")
    assert "Can not approve your own pull request" in person.page.text and person.here.endswith("/files")


def test_a_pull_goes_through_the_merge_queue(world, browser):
    base = world.name("base")
    world.repo().create_git_ref(f"refs/heads/{base}", world.repo().get_branch("main").commit.sha)
    ruleset(world, base)
    pull = pull_on(world, base)
    person = browser("reviewer")
    person.look(at(pull))
    person.press("Merge when ready")
    assert 'Required status check "a" is expected.' in person.page.text

    set_status(world, pull.head.sha)
    person.look(at(pull))
    assert "Merge pull request" not in person.page.text
    person.press("Merge when ready")
    assert "Queued to merge Number 1 in the merge queue" in person.page.text
    person.press("Remove from queue")
    assert (
        "reviewer removed this pull request from the merge queue due to a manual request" in person.page.text
    )
    person.press("Merge when ready")
    set_status(world, head(world, pull))
    person.look(at(pull))
    assert person.page.text.count("reviewer added this pull request to the merge queue") == 2
    assert f"Merged via the queue into {base} with commit" in person.page.text


def test_what_is_done_to_a_pull_is_told_in_its_order(world, browser):
    pull, label = world.pull(), world.name("label")
    pull.edit(state="closed")
    pull.edit(state="open")
    pull.add_to_labels(label)
    pull.remove_from_labels(label)
    pull.convert_to_draft()
    pull.mark_ready_for_review()
    path = f"/repos/acme/infrastructure/issues/{pull.number}/lock"
    for method in ("PUT", "DELETE"):
        assert world.call(method, path).status_code == 204
    pull.merge()
    person = browser("guest")
    person.look(at(pull))

    words = [
        "closed this", "reopened this", f"added the label {label}", f"removed the label {label}",
        "marked this pull request as draft", "marked this pull request as ready for review",
        "locked this conversation", "unlocked this conversation", "merged commit",
    ]  # fmt: skip
    places = [person.page.text.find(f"requester {one}") for one in words]
    assert -1 not in places and places == sorted(places) and person.page.text.count("closed this") == 1


def test_what_git_cannot_read_is_not_there(world, browser, monkeypatch):
    def broken(self, *arguments, **options):
        raise GitError("git: bad object")

    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    monkeypatch.setattr(Git, "output", broken)
    assert person.look(at(pull, "files")) and person.answer.status_code == 404
    monkeypatch.undo()
    person.look(at(pull))
    monkeypatch.setattr(merges, "made", broken)
    person.press("Merge pull request")
    assert person.answer.status_code == 200 and "Invalid request." in person.page.text


def test_changes_are_requested_and_the_review_dismissed(world, browser):
    pull, person = world.pull(), browser("reviewer")
    person.look(at(pull))
    person.press("Submit review", event="REQUEST_CHANGES", body="Not like this")
    assert "requested changes" in person.page.text and "Not like this" in person.page.text
    person.press("Dismiss", message="Done since")
    assert [one.state for one in pull.get_reviews()] == ["DISMISSED"]


def test_a_pull_becomes_a_draft_and_ready_again(world, browser):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    person.press("Convert to draft")
    assert (
        world.repo().get_pull(pull.number).draft
        and "Draft pull requests cannot be merged" in person.page.text
    )
    person.press("Ready for review")
    assert not world.repo().get_pull(pull.number).draft


def test_title_description_and_labels_are_changed(world, browser):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    person.press("Save", title="Another title")
    person.press("Update comment", action="/edit", body="Another reason")
    person.press("Save labels", new="urgent")
    found = world.repo().get_pull(pull.number)
    facts = found.title, found.body, [label.name for label in found.labels]
    assert facts == ("Another title", "Another reason", ["urgent"])


def test_a_review_is_asked_for(world, browser):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    person.press("Request", reviewer="reviewer")
    assert [one.login for one in pull.get_review_requests()[0]] == ["reviewer"]


def test_a_reaction_is_added_and_taken_back(world, browser):
    pull, person = world.pull(), browser("reviewer")
    said = pull.create_issue_comment("Ready")
    person.look(at(pull))
    for subject, reacted in (("pull", pull.as_issue()), (f"comments/{said.id}", said)):
        form = next(form for form in person.page.forms if ("subject", subject) in form.fields)
        for expected in (["rocket"], []):
            data = dict(form.fields) | {"content": "rocket"}
            person._shown(person.http.post(form.action, data=data))
            assert [one.content for one in reacted.get_reactions()] == expected


def test_what_is_said_about_a_line_stands_beside_it_and_is_answered(world, browser):
    pull, person = world.pull({"one.txt": "first\nsecond\n"}), browser("requester")
    line = {"path": "one.txt", "line": 2, "body": "Why *two*?"}
    world.repo("reviewer").get_pull(pull.number).create_review(
        body="Nearly", event="COMMENT", comments=[line]
    )
    page = person.look(at(pull))
    assert "one.txt" in page.text and "second" in page.text and "Why two ?" in page.text
    person.press("Reply", body="Why not?")
    first, answer = pull.get_review_comments()
    assert (answer.body, answer.in_reply_to_id, answer.user.login) == ("Why not?", first.id, "requester")
    assert person.here.endswith(f"#discussion_r{answer.id}") and person.page.text.count("reviewed") == 1


def test_a_protected_branch_says_what_is_missing(world, browser):
    rules = {
        "required_status_checks": None,
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 1},
        "restrictions": None,
    }
    where = f"/repos{REPO}/branches/main/protection"
    assert world.call("PUT", where, "admin", json=rules).status_code == 200
    try:
        pull, person = world.pull(), browser("requester")
        page = person.look(at(pull))
        assert "Merging is blocked" in page.text and "At least 1 approving review is required" in page.text
        assert all(
            "disabled" in one
            for form in page.forms
            for one in form.buttons
            if one.get("name") == "merge_method"
        )
        world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
        person.look(at(pull))
        person.press("Squash and merge")
        assert world.repo().get_pull(pull.number).merged
    finally:
        world.call("DELETE", where, "admin")


def test_a_guest_proposes_from_a_fork(world, browser):
    person, name = browser("guest"), world.name("proposal")
    person.look(REPO)
    person.press("Fork")
    assert "forked from acme/infrastructure" in person.page.text
    fork = person.here.removeprefix(world.box.url)
    person.look(f"{fork}/new/main")
    person.press("Commit changes", path=f"files/{name}", text="from afar", branch=name)
    assert f"{REPO}/compare/main...guest:{name}" in person.here and "from afar" in person.page.text
    person.press("Create pull request")
    pull = world.repo().get_pull(int(person.here.rpartition("/")[2]))
    assert (pull.user.login, pull.head.label) == (
        "guest",
        f"guest:{name}",
    ) and f"guest:{name}" in person.page.text


def test_a_file_becomes_a_branch_and_a_pull_by_forms_alone(world, browser):
    person, name = browser("requester"), world.name("file")
    person.look(f"{REPO}/new/main/requests")
    person.press(
        "Commit changes", path=f"requests/{name}.yaml", text="kind: x\r\nname: y", title=f"Add {name}"
    )
    assert f"Add {name}" in person.page.text and "/compare/main...requester-patch-" in person.here
    person.press("Create pull request", body="Please")

    number = int(person.here.rpartition("/")[2])
    pull = world.repo().get_pull(number)
    assert (pull.title, pull.body, pull.user.login, pull.commits) == (f"Add {name}", "Please", "requester", 1)
    [changed] = pull.get_files()
    assert changed.filename == f"requests/{name}.yaml" and changed.patch.endswith("+kind: x\n+name: y")


def test_a_file_is_changed_and_deleted_on_the_branch_itself(world, browser):
    branch = world.branch({"notes.txt": "old\n"})
    person = browser("requester")
    person.look(f"{REPO}/edit/{branch}/notes.txt")
    person.press("Commit changes", text="new\n", where="base", title="Renew", description="At last")
    assert world.repo().get_contents("notes.txt", ref=branch).decoded_content == b"new\n"
    assert world.repo().get_branch(branch).commit.commit.message == "Renew\n\nAt last"

    person.look(f"{REPO}/delete/{branch}/notes.txt")
    person.press("Delete file", where="base")
    assert "notes.txt" not in [one.path for one in world.repo().get_git_tree(branch).tree]


def test_what_cannot_be_committed_leaves_no_branch_and_loses_no_text(world, browser):
    person = browser("requester")
    person.look(f"{REPO}/new/main")
    person.press("Commit changes", path="../up.yaml", text="kept", branch="leftover")
    assert "path" in person.page.text and person.here.endswith("/new/main")
    assert dict(person.page.forms[-1].fields)["text"] == "kept"
    assert "leftover" not in [one.name for one in world.repo().get_branches()]


def test_a_guest_commits_nothing(world, browser):
    person = browser("guest")
    person.look(f"{REPO}/edit/main/README.md")
    person.press("Commit changes", text="mine now")
    assert "Must have push access to repository." in person.page.text


def test_an_empty_repository_is_filled_from_its_page(empty):
    person = Browser(empty.box.url)
    person.sign_in("admin")
    assert "This repository is empty" in person.look(REPO).text
    person.look(f"{REPO}/new/main")
    person.press("Commit changes", path="README.md", text="# Hello")
    assert empty.repo().get_contents("README.md").decoded_content == b"# Hello\n"
    person.close()


def test_lines_of_a_file_have_anchors_and_raw_is_never_html(world, browser):
    sha = world.repo().get_branch("main").commit.sha
    person = browser()
    page = person.look(f"{REPO}/blob/{sha}/requests/pay/orders.yaml")
    assert {"L1", "L2"} <= set(page.ids) and "kind: database" in page.text
    page = person.look(f"{REPO}/blob/main/README.md")
    assert "<h1>Infrastructure</h1>" in person.answer.text and "L1" not in page.ids
    assert "L1" in person.look(f"{REPO}/blob/main/README.md?plain=1").ids

    person.look(f"{REPO}/raw/main/README.md")
    headers = person.answer.headers
    assert headers["content-type"].startswith("text/plain") and headers["x-content-type-options"] == "nosniff"


def test_a_branch_with_slashes_is_told_from_its_folders(world, browser):
    repo = world.repo()
    repo.create_git_ref("refs/heads/team/a/b", repo.get_branch("main").commit.sha)
    page = browser().look(f"{REPO}/blob/team/a/b/requests/pay/orders.yaml")
    assert "kind: database" in page.text


def test_checks_are_the_newest_of_each_context_with_their_links(world, browser):
    pull = world.pull()
    commit = world.repo().get_commit(pull.head.sha)
    commit.create_status("failure", "https://ci.example/1", "Broken", "build")
    commit.create_status("success", "https://ci.example/2", "Built", "build")
    commit.create_status("pending", "javascript:alert(1)", "Waiting", "test")
    page = browser().look(at(pull, "checks"))
    assert "Built" in page.text and "Broken" not in page.text and "1 pending, 1 successful check" in page.text
    assert "https://ci.example/2" in page.links and not any("javascript" in link for link in page.links)


def test_what_a_comment_names_is_linked(world, browser):
    pull, sha = world.pull(), world.repo().get_branch("main").commit.sha
    pull.create_issue_comment(
        f"@reviewer see #{pull.number}, {sha[:10]} and acme/infrastructure#{pull.number}; not #9999, @nobody `#1`"
    )
    page = browser().look(at(pull))
    assert {"/reviewer", at(pull), f"{REPO}/commit/{sha}"} <= set(page.links)
    assert not {"/nobody", f"{REPO}/pull/9999"} & set(page.links)


def test_the_conversation_is_told_in_its_order(world, browser):
    pull, reviewer = world.pull(), world.repo("reviewer")
    reviewer.get_pull(pull.number).create_review(body="agreed", event="APPROVE")
    reviewer.get_pull(pull.number).merge()
    pull.create_issue_comment("what came of it")
    text = browser().look(at(pull)).text
    told = [
        "added 1 commit",
        "approved these changes",
        "agreed",
        "merged commit",
        "what came of it",
        "successfully",
    ]
    places = [text.index(words) for words in told]
    assert places == sorted(places)


def test_a_commit_shows_its_diff_its_statuses_and_what_is_said_of_it(world, browser):
    pull, person = world.pull({"one.txt": "first\n"}), browser("reviewer")
    world.repo().get_commit(pull.head.sha).create_status("success", context="build")
    page = person.look(f"{REPO}/commit/{pull.head.sha}")
    assert "one.txt" in page.text and "first" in page.text and "All checks have passed" in page.text
    person.press("Comment", body="Nice one")
    [said] = world.repo().get_commit(pull.head.sha).get_comments()
    assert said.body == "Nice one" and f"commitcomment-{said.id}" in person.page.ids


def test_deliveries_are_shown_to_admins_and_sent_again(world, browser):
    world.pull()
    assert world.box.settle()
    [hook] = world.repo("admin").get_hooks()
    person = browser("admin")
    person.look(f"{REPO}/settings/hooks")
    page = person.look(f"{REPO}/settings/hooks/{hook.id}")
    link = next(link for link in page.links if "/deliveries/" in link)
    page = person.look(link)
    assert "X-GitHub-Event" in page.text and '"pull_request"' in page.text and "taken" in page.text
    guid = re.search(r"X-GitHub-Delivery: (\S+)", page.text)[1]
    person.press("Redeliver")
    assert world.box.settle()
    assert [
        one for one in world.repo("admin").get_hook_deliveries(hook.id) if one.guid == guid and one.redelivery
    ]


def test_what_an_app_heard_is_shown_and_sent_to_it_again(empty, receiver):
    box = empty.box
    claims = {"iss": str(box.app.app_id), "iat": int(time.time()), "exp": int(time.time()) + 60}
    asking = {"Authorization": f"Bearer {jwt.encode(claims, box.app.private_key, 'RS256')}"}
    where = {"url": f"{receiver.url}/app", "content_type": "json"}
    assert empty.call("PATCH", "/app/hook/config", None, headers=asking, json=where).status_code == 200
    empty.repo("admin").create_file("README.md", "First", "# Hello\n")
    assert box.settle()

    person = Browser(box.url)
    person.sign_in("admin")
    page = person.look(f"{REPO}/settings/hooks")
    assert "GitHub App" in page.text
    page = person.look(next(link for link in page.links if "/settings/hooks/" in link))
    page = person.look(next(link for link in page.links if "/deliveries/" in link))
    guid = re.search(r"X-GitHub-Delivery: (\S+)", page.text)[1]
    person.press("Redeliver")
    assert box.settle()
    assert [one.headers["X-GitHub-Delivery"] for one in receiver.received].count(guid) == 2
    person.close()


@pytest.mark.parametrize("login", [None, "guest", "requester"])
def test_webhooks_are_nobody_else_s_business(world, browser, login):
    [hook] = world.repo("admin").get_hooks()
    person = browser(login)
    for path in ("", f"/{hook.id}"):
        person.look(f"{REPO}/settings/hooks{path}")
        assert person.answer.status_code == 404


def test_an_avatar_is_a_picture_that_stays_the_same(world, browser):
    person = browser()
    first = person.http.get("/avatars/requester")
    assert (
        first.headers["content-type"].startswith("image/svg")
        and first.text == person.http.get("/avatars/requester").text
    )
    assert first.text != person.http.get("/avatars/reviewer").text
    assert world.github("requester").get_user().avatar_url.endswith("/avatars/requester")


EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)><form action=//evil.example>'


def test_nothing_that_somebody_writes_becomes_markup(world, browser, clone):
    tricky = f"a'b\"<i>{world.name()}"
    clone("checkout", "--quiet", "-b", tricky)
    (clone.folder / "<img src=x onerror=alert(1)>.txt").write_text(EVIL)
    clone("add", ".")
    clone("commit", "--quiet", "-m", EVIL)
    clone("push", "--quiet", "origin", tricky)
    pull = world.repo().create_pull(title=EVIL, body=EVIL, base="main", head=tricky)
    pull.create_issue_comment(EVIL + "</div></main></body>")
    pull.add_to_labels(EVIL[:40])
    world.repo("reviewer").get_pull(pull.number).create_review(body=EVIL, event="COMMENT")
    status = {"state": "success", "target_url": "data:text/html,x", "description": EVIL, "context": EVIL}
    assert world.call("POST", f"/repos{REPO}/statuses/{pull.head.sha}", json=status).status_code == 201

    person = browser("requester")
    for path in (
        at(pull),
        at(pull, "files"),
        at(pull, "checks"),
        f"{REPO}/pulls",
        f"{REPO}/branches",
        f"{REPO}/commit/{pull.head.sha}",
    ):
        person.look(path)
        if path.startswith(f"{REPO}/commit/"):
            person.press("Comment", body=EVIL)
        assert person.answer.status_code == 200
        assert not {"script", "i", "iframe"} & {tag for tag, _ in person.page.tags}, path
        assert not [
            name
            for _, facts in person.page.tags
            for name in facts
            if name.startswith("on") or name == "style"
        ]
        assert all(facts["src"].startswith("/avatars/") for tag, facts in person.page.tags if tag == "img")
        assert all(form.action.startswith(("/acme/", "/login", "/logout")) for form in person.page.forms)
        assert person.answer.text.rstrip().endswith("</html>") and person.answer.text.count("</main>") == 1
    person.look(f"{REPO}/tree/{tricky.replace('<', '%3C')}")
    assert "onerror" in person.page.text


@pytest.mark.parametrize(
    "target", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:x"]
)
def test_signing_in_leads_to_no_other_site(world, browser, target):
    person = browser()
    person.look(f"/login?return_to={target}")
    answer = person.http.post(
        "/login",
        data={**dict(person.page.forms[0].fields), "login": "guest", "return_to": target},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/"


@pytest.fixture(scope="module")
def lively(tmp_path_factory, receiver):
    """A small box in which a bit of everything has happened."""
    with Box(tmp_path_factory.mktemp("lively"), seed_files=SEED) as box:
        world = World(box, receiver)
        world.repo("admin").create_hook("web", {"url": f"{receiver.url}/hook"}, ["push"])
        for number in range(2):
            pull = world.pull(
                {"docs/guide.md": "[root](../README.md)\n", f"requests/ü {number}#?.yaml": "a: 1\n"}
            )
            pull.create_issue_comment(f"@reviewer and @acme/platform: #{pull.number} at {pull.head.sha}")
            line = {"path": "docs/guide.md", "line": 1, "body": "Where to?"}
            reviewed = world.repo("reviewer").get_pull(pull.number)
            reviewed.create_review(body="Hm", event="COMMENT", comments=[line])
        reviewed.merge()
        assert box.settle()
        yield world
        world.close()


@pytest.mark.parametrize("login", [None, "guest", "requester", "reviewer", "admin"])
def test_every_link_of_the_box_leads_somewhere(lively, login):
    person, seen, waiting = Browser(lively.box.url), set(), ["/"]
    if login:
        person.sign_in(login)
    while waiting and len(seen) < 300:
        link = waiting.pop()
        person.look(link)
        assert person.answer.status_code == 200, f"{link} as {login}"
        seen.add(link)
        found = {link.partition("?return_to")[0] for link in person.local_links()} if person.page else set()
        waiting.extend(sorted(found - seen - set(waiting)))
    assert 50 < len(seen) < 300
    person.close()


def test_what_is_not_there_is_said_on_a_page_and_to_a_program_in_json(world, browser):
    person = browser()
    for path in (
        "/nobody",
        "/acme/nothing",
        f"{REPO}/pull/99999",
        f"{REPO}/blob/main/none",
        f"{REPO}/commit/{'0' * 40}",
        f"{REPO}/blob/main/%00",
        f"{REPO}/pull/{'9' * 4400}",
        f"{REPO}/issues/{'9' * 4400}",
    ):
        person.look(path)
        assert person.answer.status_code == 404 and "Not Found" in person.page.text
        assert person.http.get(path, headers={"Accept": "*/*"}).json()["message"] == "Not Found"


def token_of(person):
    return next(
        dict(form.fields)["authenticity_token"] for form in person.page.forms if form.method == "post"
    )


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("commit/%00/comments", {"body": "Said"}, 404),
        ("save", {"base": "main", "where": "base", "path": "a\0b", "text": "x"}, 303),
        ("pull/{number}/reactions", {"subject": f"comments/{'9' * 4400}", "content": "eyes"}, 303),
        ("pull/{number}/reactions", {"subject": "nothing/1", "content": "eyes"}, 303),
    ],
)
def test_a_form_that_no_page_has_breaks_nothing(world, browser, path, fields, status):
    pull, person = world.pull(), browser("requester")
    person.look(at(pull))
    data = {"authenticity_token": token_of(person), **fields}
    address = f"{REPO}/{path.format(number=pull.number)}"

    assert person.http.post(address, data=data, follow_redirects=False).status_code == status


@pytest.fixture
def asked(monkeypatch):
    """What git is asked from now on."""
    run, commands = Git.run, []

    def counted(git, *arguments, **options):
        commands.append(arguments[0])
        return run(git, *arguments, **options)

    monkeypatch.setattr(Git, "run", counted)
    return commands


def test_a_comment_full_of_hexadecimal_words_costs_git_one_question(world, browser, asked):
    pull, sha = world.pull(), world.repo().get_branch("main").commit.sha
    person = browser()
    person.look(at(pull))
    asked.clear()
    person.look(at(pull))
    before = len(asked)
    words = " ".join(f"{number:07x}a" for number in range(400))
    pull.create_issue_comment(f"{sha[:9]} {words}")
    asked.clear()
    page = person.look(at(pull))

    assert len(asked) == before + 1 and f"{REPO}/commit/{sha}" in page.links


def test_branches_say_how_far_ahead_they_are_and_git_is_asked_once(world, browser, asked):
    one, three = world.branch(), world.branch(commits=3)
    person = browser()
    asked.clear()
    text = person.look(f"{REPO}/branches").text

    assert len(asked) == 1
    assert f"{one} 1 commit ahead" in text and f"{three} 3 commits ahead" in text
