import pytest
from github import GithubException

pytestmark = pytest.mark.edge


def test_a_comparison_says_which_of_two_is_ahead_and_by_what(world):
    repo, ahead = world.repo(), world.branch(commits=3)
    found = repo.compare("main", ahead)

    assert (found.status, found.ahead_by, found.behind_by, found.total_commits) == ("ahead", 3, 0, 3)
    assert found.merge_base_commit.sha == found.base_commit.sha == repo.get_branch("main").commit.sha
    assert [one.commit.message.split()[1] for one in found.commits] == [one.filename for one in found.files]
    behind = repo.compare(ahead, "main")
    assert (behind.status, behind.ahead_by, behind.behind_by) == ("behind", 0, 3)
    assert repo.compare(ahead, ahead).status == "identical"
    assert repo.compare(ahead, world.branch()).status == "diverged"


def test_a_comparison_is_paged_and_its_files_come_with_the_first_page(world):
    path = f"/repos/acme/infrastructure/compare/main...{world.branch(commits=3)}"
    first, second = (world.call("GET", f"{path}?per_page=2&page={page}") for page in (1, 2))

    assert [len(one.json()["commits"]) for one in (first, second)] == [2, 1]
    assert [len(one.json()["files"]) for one in (first, second)] == [3, 0]
    assert set(first.links) == {"next", "last"}


def test_a_forks_branch_is_compared_by_its_owner(world):
    fork = world.github("guest").get_repo(world.repo("guest").create_fork().full_name)
    name = world.name()
    fork.create_git_ref(f"refs/heads/{name}", fork.get_branch("main").commit.sha)
    fork.create_file(f"forked/{name}", "Fork", "text\n", branch=name)

    assert world.repo().compare("main", f"guest:{name}").files[0].filename == f"forked/{name}"
    for wrong in ("main...nowhere", "main...nobody:main"):
        assert world.call("GET", f"/repos/acme/infrastructure/compare/{wrong}").status_code == 404


def test_branches_are_merged_without_a_pull(world):
    repo, base, head = world.repo(), world.branch(), world.branch()
    merged = repo.merge(base, head, "Together")

    assert merged.commit.message == "Together" and repo.get_branch(base).commit.sha == merged.sha
    assert repo.merge(base, head) is None
    path = f"conflicts/{world.name()}"
    one, two = world.branch({path: "one\n"}), world.branch({path: "two\n"})
    with pytest.raises(GithubException) as conflict:
        repo.merge(one, two)
    assert conflict.value.status == 409
    assert (
        world.call("POST", "/repos/acme/infrastructure/merges", json={"base": "x", "head": one}).status_code
        == 404
    )
