import pytest
from github import GithubException

pytestmark = pytest.mark.edge


def test_a_pull_says_who_wants_to_merge_what_into_what(world):
    pull = world.repo().get_pull(world.pull(title="More room").number)

    assert (pull.title, pull.state, pull.draft, pull.merged) == ("More room", "open", False, False)
    assert (pull.user.login, pull.base.ref, pull.base.repo.full_name) == (
        "requester",
        "main",
        "acme/infrastructure",
    )
    assert pull.head.sha == world.repo().get_branch(pull.head.ref).commit.sha
    assert (pull.commits, pull.changed_files, pull.additions, pull.deletions) == (1, 1, 1, 0)
    assert pull.raw_data["author_association"] == "MEMBER"
    assert pull.html_url == f"{world.box.url}/acme/infrastructure/pull/{pull.number}"


def test_an_open_pull_has_a_test_merge_that_can_be_fetched(world, clone):
    pull = world.pull()

    assert pull.mergeable and pull.mergeable_state == "clean"
    clone("fetch", "--quiet", "origin", f"refs/pull/{pull.number}/merge")
    assert clone("rev-parse", "FETCH_HEAD") == pull.merge_commit_sha
    assert clone("rev-parse", "FETCH_HEAD^2") == pull.head.sha
    clone("fetch", "--quiet", "origin", f"refs/pull/{pull.number}/head")
    assert clone("rev-parse", "FETCH_HEAD") == pull.head.sha


def test_the_test_merge_is_made_again_when_the_base_moved(world):
    pull = world.pull()
    world.pull().merge()

    again = world.repo().get_pull(pull.number)
    assert again.mergeable and again.merge_commit_sha != pull.merge_commit_sha
    assert again.base.sha == pull.base.sha


def test_a_pull_in_conflict_is_dirty_and_refuses_to_merge(world):
    path = f"conflicts/{world.name()}"
    first, second = world.pull({path: "one\n"}), world.pull({path: "two\n"})
    first.merge()

    dirty = world.repo().get_pull(second.number)
    assert dirty.mergeable is False and dirty.mergeable_state == "dirty"
    for method in ("merge", "squash", "rebase"):
        with pytest.raises(GithubException) as refused:
            dirty.merge(merge_method=method)
        assert refused.value.status == 405


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"head": "nowhere"}, "head is invalid"),
        ({"base": "nowhere"}, "base is invalid"),
        ({"head": "main"}, "No commits between main and main"),
    ],
)
def test_a_pull_between_no_branches_or_without_commits_is_refused(world, facts, message):
    with pytest.raises(GithubException) as refused:
        world.repo().create_pull(**({"title": "T", "base": "main", "head": "main"} | facts))

    assert refused.value.status == 422
    error = refused.value.data
    assert (error["message"], error["status"]) == ("Validation Failed", "422")
    assert error["documentation_url"] == "https://docs.github.com/rest/pulls/pulls"
    assert error["errors"][0]["resource"] == "PullRequest" and error["errors"][0]["message"] == message


def test_a_second_pull_of_the_same_branches_is_refused(world):
    pull = world.pull()

    with pytest.raises(GithubException, match="A pull request already exists for acme:"):
        world.repo().create_pull(title="Again", base="main", head=f"acme:{pull.head.ref}")


def test_a_field_that_is_missing_or_of_another_type_is_named(world):
    missing = world.call("POST", "/repos/acme/infrastructure/pulls", json={"head": "x", "base": "main"})
    wrong = world.call(
        "POST", "/repos/acme/infrastructure/pulls", json={"title": 1, "head": "x", "base": "main"}
    )

    assert missing.status_code == 422 and '"title" wasn\'t supplied' in missing.json()["message"]
    assert wrong.status_code == 422 and "1 is not a string" in wrong.json()["message"]


def test_title_body_base_and_state_can_be_edited(world):
    pull, base = world.pull(), world.branch()

    pull.edit(title="Better", body="Reasons.", base=base)
    edited = world.repo().get_pull(pull.number)
    assert (edited.title, edited.body, edited.base.ref) == ("Better", "Reasons.", base)
    pull.edit(state="closed")
    assert world.repo().get_pull(pull.number).state == "closed"
    pull.edit(state="open")
    assert world.repo().get_pull(pull.number).state == "open"


def test_pulls_are_listed_by_state_head_and_base_newest_first(world):
    older, newer, closed = world.pull(), world.pull(), world.pull()
    closed.edit(state="closed")
    mine = {older.number, newer.number, closed.number}

    listed = [one.number for one in world.repo().get_pulls() if one.number in mine]
    assert listed == [newer.number, older.number]
    assert [one.number for one in world.repo().get_pulls(state="closed") if one.number in mine] == [
        closed.number
    ]
    assert [one.number for one in world.repo().get_pulls(head=f"acme:{older.head.ref}")] == [older.number]
    assert world.repo().get_pulls(base="nowhere").totalCount == 0


def test_lists_are_paged_with_links_to_the_other_pages(world):
    for _ in range(3):
        world.pull()

    first = world.call("GET", "/repos/acme/infrastructure/pulls?state=all&per_page=1")
    assert len(first.json()) == 1 and set(first.links) == {"next", "last"}
    second = world.call("GET", first.links["next"]["url"].removeprefix(world.box.api_url))
    assert set(second.links) == {"prev", "next", "last", "first"}
    assert second.json()[0]["number"] == first.json()[0]["number"] - 1


def test_a_pull_lists_its_files_against_the_merge_base_and_its_commits_oldest_first(world):
    path = f"requests/pay/{world.name()}.yaml"
    pull = world.pull({path: "kind: s3\n", f"{path}.md": "# T\n"}, commits=1)
    world.pull().merge()

    files = {one.filename: one for one in world.repo().get_pull(pull.number).get_files()}
    assert set(files) == {path, f"{path}.md"}
    assert files[path].status == "added" and files[path].patch == "@@ -0,0 +1 @@\n+kind: s3"
    commits = list(pull.get_commits())
    assert [one.commit.message for one in commits] == [f"Add {path}", f"Add {path}.md"]
    assert commits[0].author.login == "requester"


def test_a_renamed_file_names_its_former_path(world, clone):
    name = world.name()
    clone("checkout", "--quiet", "-b", name)
    clone("mv", "README.md", f"{name}.md")
    clone("commit", "--quiet", "-m", "Rename")
    clone("push", "--quiet", "origin", name)
    pull = world.repo().create_pull(title="Rename", base="main", head=name)

    [file] = pull.get_files()
    assert (file.status, file.filename, file.previous_filename) == ("renamed", f"{name}.md", "README.md")
    assert (file.changes, file.patch) == (0, None)
    pull.edit(state="closed")


def test_a_draft_becomes_ready_and_a_draft_again_through_graphql(world):
    pull = world.pull(draft=True)
    assert pull.draft and pull.mergeable_state == "draft"
    with pytest.raises(GithubException, match="still a draft"):
        pull.merge()

    pull.mark_ready_for_review()
    assert world.repo().get_pull(pull.number).draft is False
    pull.convert_to_draft()
    assert world.repo().get_pull(pull.number).draft is True
    assert world.deliveries("pull_request", "ready_for_review", number=pull.number)
    assert world.deliveries("pull_request", "converted_to_draft", number=pull.number)


def test_deleting_the_head_branch_closes_the_pull_which_cannot_be_reopened(world):
    pull = world.pull()
    world.repo().get_git_ref(f"heads/{pull.head.ref}").delete()

    assert world.repo().get_pull(pull.number).state == "closed"
    with pytest.raises(GithubException) as refused:
        pull.edit(state="open")
    assert refused.value.status == 422


def test_review_can_be_asked_of_collaborators_but_not_of_the_author(world):
    pull = world.pull()
    pull.create_review_request(reviewers=["reviewer"])

    assert [one.login for one in pull.get_review_requests()[0]] == ["reviewer"]
    with pytest.raises(GithubException):
        pull.create_review_request(reviewers=["requester"])
    world.repo("reviewer").get_pull(pull.number).create_review(event="APPROVE")
    assert list(pull.get_review_requests()[0]) == []


def test_a_pull_can_be_had_as_a_diff_or_as_a_patch(world):
    pull = world.pull({f"diffs/{world.name()}": "text\n"})
    path = f"/repos/acme/infrastructure/pulls/{pull.number}"
    diff = world.call("GET", path, headers={"Accept": "application/vnd.github.diff"})
    patch = world.call("GET", path, headers={"Accept": "application/vnd.github.patch"})

    assert diff.text.startswith("diff --git a/diffs/") and "+text" in diff.text
    assert patch.text.startswith(f"From {pull.head.sha}") and "+text" in patch.text


@pytest.mark.parametrize("back", [False, True])
def test_a_file_that_becomes_a_link_or_back_is_one_that_changed(world, clone, back):
    name, path = world.name(), world.name("file")
    clone("checkout", "--quiet", "-b", name)
    file = clone.folder / path
    first, second = (file.symlink_to, file.write_text) if back else (file.write_text, file.symlink_to)
    for make in (first, second):
        file.unlink(missing_ok=True)
        make("README.md")
        (clone.folder / f"{path}.md").write_text(f"{make.__name__}\n")
        clone("add", "--all")
        clone("commit", "--quiet", "-m", "Change")
    clone("push", "--quiet", "origin", name)

    first, second = world.repo().get_commit(name).files
    assert (first.filename, first.status, second.status) == (path, "changed", "modified")
    assert "-README.md" in first.patch and "+README.md" in first.patch and path not in second.patch
    base = world.repo().create_git_ref(f"refs/heads/{name}-base", clone("rev-parse", "HEAD~"))
    pull = world.repo().create_pull(title="Link", base=base.ref.removeprefix("refs/heads/"), head=name)
    assert [one.status for one in pull.get_files()] == ["changed", "modified"]


def test_a_refused_edit_changes_nothing_at_all(world):
    pull = world.pull()
    pull.merge()
    with pytest.raises(GithubException, match="cannot be reopened"):
        pull.edit(title="Other words", state="open")

    assert world.repo().get_pull(pull.number).title == pull.title
    assert world.deliveries("pull_request", "edited", number=pull.number) == []


def test_a_closed_pull_keeps_its_base(world):
    pull, base = world.pull(), world.branch()
    pull.edit(state="closed")
    with pytest.raises(GithubException, match="Cannot change the base branch of a closed pull request"):
        pull.edit(base=base)

    assert world.repo().get_pull(pull.number).base.ref == "main"


def test_a_pull_whose_branch_has_another_past_stays_closed(world):
    pull, main = world.pull(), world.repo().get_branch("main").commit.sha
    pull.edit(state="closed")
    branch = world.repo().get_git_ref(f"heads/{pull.head.ref}")
    branch.edit(main, force=True)
    with pytest.raises(GithubException, match=f"The {pull.head.ref} branch was force-pushed or recreated"):
        pull.edit(state="open")

    branch.edit(pull.head.sha, force=True)
    pull.edit(state="open")
    assert world.repo().get_pull(pull.number).state == "open"
