import pytest
from github import GithubException, InputGitAuthor

pytestmark = pytest.mark.edge


def test_a_merge_makes_a_merge_commit_of_base_and_head(world):
    pull = world.pull(title="More room", commits=2)
    before = world.repo().get_branch("main").commit.sha
    done = world.repo("reviewer").get_pull(pull.number).merge()

    assert done.merged and done.message == "Pull Request successfully merged"
    commit = world.repo().get_commit(done.sha)
    assert [parent.sha for parent in commit.parents] == [before, pull.head.sha]
    assert (
        commit.commit.message == f"Merge pull request #{pull.number} from acme/{pull.head.ref}\n\nMore room"
    )
    assert (commit.author.login, commit.commit.committer.name) == ("reviewer", "GitHub")
    assert world.repo().get_branch("main").commit.sha == done.sha


def test_a_squash_makes_one_commit_by_the_author_named_after_the_pull(world):
    pull = world.pull(title="Two steps", commits=2)
    done = world.repo("reviewer").get_pull(pull.number).merge(merge_method="squash")

    commit = world.repo().get_commit(done.sha)
    assert len(commit.parents) == 1 and commit.author.login == "requester"
    headline, _, rest = commit.commit.message.partition("\n\n")
    assert headline == f"Two steps (#{pull.number})" and rest.startswith("* Add files/")


def test_a_squash_of_one_commit_keeps_its_words(world):
    pull = world.pull({f"single/{world.name()}": "x\n"})
    done = pull.merge(merge_method="squash")

    assert (
        world.repo().get_commit(done.sha).commit.message
        == f"Add {pull.get_files()[0].filename} (#{pull.number})"
    )


def test_a_merge_takes_the_words_that_it_is_given(world):
    done = world.pull().merge(merge_method="squash", commit_title="Mine", commit_message="And why")

    assert world.repo().get_commit(done.sha).commit.message == "Mine\n\nAnd why"


def test_a_rebase_makes_every_commit_again_on_top_of_the_base(world):
    pull = world.pull(commits=3)
    world.pull().merge()
    before = world.repo().get_branch("main").commit.sha
    done = pull.merge(merge_method="rebase")

    commit, messages = world.repo().get_commit(done.sha), []
    while commit.sha != before:
        messages.append(commit.commit.message)
        [parent] = commit.parents
        commit = world.repo().get_commit(parent.sha)
    assert messages[::-1] == [one.commit.message for one in pull.get_commits()]
    assert world.repo().get_pull(pull.number).merge_commit_sha == done.sha


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_merged_pull_says_by_whom_when_and_as_which_commit(world, method):
    pull = world.pull()
    done = world.repo("reviewer").get_pull(pull.number).merge(merge_method=method)

    merged = world.repo().get_pull(pull.number)
    assert (merged.merged, merged.state, merged.merged_by.login) == (True, "closed", "reviewer")
    assert merged.merged_at == merged.closed_at and merged.merge_commit_sha == done.sha
    assert merged.mergeable is None and merged.mergeable_state == "unknown"
    assert merged.is_merged()
    assert [one.number for one in world.repo().get_commit(done.sha).get_pulls()] == [pull.number]
    assert [one.number for one in world.repo().get_commit(pull.head.sha).get_pulls()] == [pull.number]


def test_a_head_that_moved_since_it_was_seen_is_a_conflict(world):
    pull = world.pull()
    with pytest.raises(GithubException, match="Head branch was modified") as refused:
        pull.merge(sha="1" * 40)

    assert refused.value.status == 409
    assert pull.merge(sha=pull.head.sha).merged


def test_a_pull_merges_once(world):
    pull = world.pull()
    pull.merge()
    with pytest.raises(GithubException) as refused:
        pull.merge()
    assert refused.value.status == 405


def test_a_merge_sends_the_pulls_end_and_the_push_of_the_base(world):
    pull = world.pull()
    done = pull.merge()

    [closed] = world.deliveries("pull_request", "closed", number=pull.number)
    assert closed["pull_request"]["merged"] and closed["pull_request"]["merge_commit_sha"] == done.sha
    [push] = world.deliveries("push", after=done.sha)
    assert (push["ref"], push["forced"], push["created"]) == ("refs/heads/main", False, False)
    assert push["head_commit"]["id"] == done.sha and push["commits"][0]["id"] == pull.head.sha


def test_a_pull_whose_head_is_pushed_into_its_base_is_merged(world, clone):
    pull, base = world.pull(), world.branch()
    pull.edit(base=base)
    clone("fetch", "--quiet", "origin")
    clone("checkout", "--quiet", base)
    clone("merge", "--quiet", "--no-edit", f"origin/{pull.head.ref}")
    clone("push", "--quiet", "origin", base)

    merged = world.repo().get_pull(pull.number)
    assert merged.merged and merged.merge_commit_sha == clone("rev-parse", "HEAD")


def test_who_rebases_is_the_committer_of_what_others_wrote(world):
    done = world.repo("reviewer").get_pull(world.pull().number).merge(merge_method="rebase")

    commit = world.repo().get_commit(done.sha)
    assert (commit.author.login, commit.committer.login) == ("requester", "reviewer")


def test_a_squash_names_the_others_who_wrote_of_it(world):
    repo, ada = world.repo(), InputGitAuthor("Ada", "ada@example.com")
    alone, shared = world.name(), world.branch()
    repo.create_git_ref(f"refs/heads/{alone}", repo.get_branch("main").commit.sha)
    for branch in (alone, shared):
        repo.create_file(f"ada/{branch}", "By Ada", "x\n", branch=branch, author=ada, committer=ada)
    done = [
        repo.create_pull(title="Two", base="main", head=branch).merge(merge_method="squash")
        for branch in (alone, shared)
    ]

    first, second = (repo.get_commit(one.sha).commit.message.partition("\n\n")[2] for one in done)
    assert first == "Co-authored-by: Ada <ada@example.com>"
    assert second.endswith(f"* By Ada\n\n---------\n\n{first}") and second.count(first) == 1
