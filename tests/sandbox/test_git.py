import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from github import GithubException

pytestmark = pytest.mark.edge


def commit(git, path="pushed.txt", content="pushed\n"):
    (git.folder / path).write_text(content)
    git("add", path)
    git("commit", "--quiet", "-m", f"Add {path}")
    return git("rev-parse", "HEAD")


def test_a_clone_needs_a_token_as_password_and_any_name(world, tmp_path, git_in):
    git = git_in(tmp_path)
    bare = f"{world.box.url}/acme/infrastructure"
    token = world.box.tokens["guest"]

    assert "could not read Username" in git("ls-remote", bare, check=False)
    assert "Authentication failed" in git("ls-remote", bare.replace("://", "://x:wrong@"), check=False)
    for name in (bare, f"{bare}.git"):
        assert "refs/heads/main" in git("ls-remote", name.replace("://", f"://anybody:{token}@"))
    lost = world.box.git_url("guest").replace("infrastructure", "nothing")
    assert "not found" in git("ls-remote", lost, check=False)


def test_at_the_top_of_the_address_is_the_boxs_own_repository(world, tmp_path, git_in):
    top = world.box.url.replace("://", f"://anybody:{world.box.tokens['guest']}@")

    assert "refs/heads/main" in git_in(tmp_path)("ls-remote", top)


def test_who_may_only_read_may_not_push(world, tmp_path, git_in):
    git_in(tmp_path)("clone", "--quiet", world.box.git_url("guest"), "tree")
    git = git_in(tmp_path / "tree")
    commit(git)

    assert "403" in git("push", "origin", "HEAD:refs/heads/guest", check=False)


def test_a_pushed_branch_is_there_for_the_api_and_told(world, clone):
    name = world.name()
    sha = commit(clone)
    clone("push", "--quiet", "origin", f"HEAD:refs/heads/{name}")

    assert world.repo().get_branch(name).commit.sha == sha
    [push] = world.deliveries("push", ref=f"refs/heads/{name}")
    assert (push["before"], push["after"], push["created"], push["deleted"]) == ("0" * 40, sha, True, False)
    [told] = push["commits"]
    assert (told["id"], told["added"], told["modified"]) == (sha, ["pushed.txt"], [])
    assert push["pusher"]["name"] == push["sender"]["login"] == told["author"]["username"] == "requester"


def test_a_push_to_a_pulls_branch_synchronizes_it(world, clone):
    pull = world.pull()
    clone("fetch", "--quiet", "origin")
    clone("checkout", "--quiet", pull.head.ref)
    sha = commit(clone)
    clone("push", "--quiet", "origin", pull.head.ref)

    updated = world.repo().get_pull(pull.number)
    assert (updated.head.sha, updated.commits) == (sha, 2)
    [event] = world.deliveries("pull_request", "synchronize", number=pull.number)
    assert (
        (event["before"], event["after"])
        == (pull.head.sha, sha)
        == (pull.head.sha, event["pull_request"]["head"]["sha"])
    )
    assert f"{sha}\trefs/pull/{pull.number}/head" in clone("ls-remote", "origin")


def test_a_forced_push_says_so(world, clone):
    pull = world.pull()
    sha = commit(clone)
    clone("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{pull.head.ref}")

    [push] = world.deliveries("push", ref=f"refs/heads/{pull.head.ref}", before=pull.head.sha)
    assert push["forced"] and push["after"] == sha
    assert world.repo().get_pull(pull.number).head.sha == sha


def test_a_commit_that_no_branch_has_any_more_can_be_fetched(world, clone):
    pull = world.pull()
    commit(clone)
    clone("push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{pull.head.ref}")

    clone("fetch", "--quiet", "origin", pull.head.sha)
    assert clone("rev-parse", "FETCH_HEAD") == pull.head.sha


def test_a_shallow_clone_without_blobs_and_protocol_versions_work(world, tmp_path, git_in):
    git = git_in(tmp_path)
    git("clone", "--quiet", "--bare", "--depth=1", "--filter=blob:none", world.box.git_url("guest"), "bare")
    assert git("-C", "bare", "show", "HEAD:README.md") == "# Infrastructure"
    for version in "012":
        assert "refs/heads/main" in git(
            "-c", f"protocol.version={version}", "ls-remote", world.box.git_url("guest")
        )


def test_a_deleted_branch_is_told_and_closes_its_pull(world, clone):
    pull = world.pull()
    clone("push", "--quiet", "origin", "--delete", pull.head.ref)

    [push] = world.deliveries("push", ref=f"refs/heads/{pull.head.ref}", deleted=True)
    assert (push["before"], push["after"], push["commits"], push["head_commit"]) == (
        pull.head.sha,
        "0" * 40,
        [],
        None,
    )
    [closed] = world.deliveries("pull_request", "closed", number=pull.number)
    assert closed["pull_request"]["merged"] is False


def test_pull_refs_cannot_be_pushed(world, clone):
    commit(clone)

    assert "refs/pull/1/head" in clone("push", "origin", "HEAD:refs/pull/1/head", check=False)


def test_a_large_push_arrives_whole(world, clone):
    name = world.name()
    (clone.folder / "large").write_bytes(bytes(range(256)) * 12_000)
    sha = commit(clone, "small")
    clone("add", "large")
    clone("commit", "--quiet", "--amend", "--no-edit")
    clone("push", "--quiet", "origin", f"HEAD:refs/heads/{name}")

    assert world.repo().get_branch(name).commit.sha == clone("rev-parse", "HEAD") != sha


def test_the_first_push_to_an_empty_repository_makes_its_default_branch(empty, tmp_path, git_in):
    git_in(tmp_path)("clone", "--quiet", empty.box.git_url("requester"), "tree")
    git = git_in(tmp_path / "tree")
    assert git("symbolic-ref", "HEAD") == "refs/heads/main"
    sha = commit(git)
    git("push", "--quiet", "origin", "HEAD:refs/heads/trunk")

    repo = empty.repo()
    assert repo.default_branch == "trunk" and repo.get_commit("trunk").sha == sha


def test_nobody_moves_a_ref_while_git_takes_in_a_push(world, clone, monkeypatch):
    lock, start, free = world.box._running.forge.lock, subprocess.Popen, []

    def is_free():
        taken = lock.acquire(blocking=False)
        if taken:
            lock.release()
        return taken

    def watched(*arguments, **options):
        environment = options.get("env") or {}
        pushes = environment.get("PATH_INFO", "").endswith("/git-receive-pack")
        if pushes and environment["REQUEST_METHOD"] == "POST":
            free.append(pool.submit(is_free).result())
        return start(*arguments, **options)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(subprocess, "Popen", watched)
        clone("push", "--quiet", "origin", f"HEAD:refs/heads/{world.name()}")
    assert free == [False]


def test_a_ref_that_git_has_elsewhere_is_not_moved(world, clone):
    pull, forge = world.pull(base=world.branch()), world.box._running.forge
    git = forge.git(forge.repositories.find("acme/infrastructure"))
    branch, elsewhere = f"refs/heads/{pull.base.ref}", world.repo().get_branch("main").commit.sha
    before = git.text("rev-parse", branch)
    git.text("update-ref", branch, elsewhere)
    try:
        with pytest.raises(GithubException, match="Base branch was modified") as merged:
            pull.merge()
        with pytest.raises(GithubException, match="Reference update failed") as moved:
            world.repo().get_git_ref(f"heads/{pull.base.ref}").edit(pull.head.sha, force=True)
        with pytest.raises(GithubException) as written:
            world.repo().create_file("late.txt", "Late", "late\n", branch=pull.base.ref)
        assert (merged.value.status, moved.value.status, written.value.status) == (405, 422, 409)
        assert git.text("rev-parse", branch) == elsewhere
    finally:
        git.text("update-ref", branch, before)
    assert world.repo().get_pull(pull.number).state == "open"


def test_a_tag_of_its_own_is_told_with_the_commit_that_it_is_of(world, clone):
    name = world.name("v")
    clone("tag", "--annotate", name, "--message", "One")
    clone("push", "--quiet", "origin", name)
    tag, sha = clone("rev-parse", name), clone("rev-parse", "HEAD")

    [push] = world.deliveries("push", ref=f"refs/tags/{name}")
    assert (push["after"], push["head_commit"]["id"], push["commits"]) == (tag, sha, [])
    found = world.repo().get_git_ref(f"tags/{name}").object
    assert (found.sha, found.type) == (tag, "tag")
    again = world.repo().create_git_ref(f"refs/tags/{name}-again", tag)
    assert again.object.sha == tag and world.deliveries("push", ref=again.ref)[0]["head_commit"]["id"] == sha


def test_a_tag_of_a_file_brings_no_commits_and_holds_up_no_other_ref(world, clone):
    name = world.name()
    clone("tag", f"{name}-file", "HEAD:README.md")
    clone("push", "--quiet", "origin", f"{name}-file", f"HEAD:refs/tags/{name}-later")

    [push] = world.deliveries("push", ref=f"refs/tags/{name}-file")
    assert (push["commits"], push["head_commit"]) == ([], None)
    assert world.deliveries("push", ref=f"refs/tags/{name}-later")
    assert world.repo().get_git_ref(f"tags/{name}-file").object.type == "blob"


def test_a_commit_of_the_far_future_is_shown(world, tmp_path, clone):
    name, tree = world.name(), clone("rev-parse", "HEAD^{tree}")
    person = "Requester <requester@users.noreply.example.com> 99999999999999 +0000"
    (tmp_path / "far").write_text(f"tree {tree}\nauthor {person}\ncommitter {person}\n\nFar\n")
    sha = clone("hash-object", "-t", "commit", "-w", str(tmp_path / "far"))
    clone("push", "--quiet", "origin", f"{sha}:refs/heads/{name}")

    answer = world.call("GET", f"/repos/acme/infrastructure/commits/{name}")
    assert answer.json()["commit"]["committer"]["date"] == "9999-12-31T23:59:59Z"
