import base64

import pytest
from github import GithubException, InputGitTreeElement

pytestmark = pytest.mark.edge
REPO = "/repos/acme/infrastructure"


def test_files_and_folders_are_read_at_a_ref(world):
    repo = world.repo()
    file = repo.get_contents("requests/pay/orders.yaml", ref="main")

    assert file.decoded_content == b"kind: database\nname: orders\n"
    assert (file.type, file.encoding, file.size, file.name) == ("file", "base64", 28, "orders.yaml")
    assert [(one.path, one.type) for one in repo.get_contents("requests")] == [("requests/pay", "dir")]
    raw = world.call(
        "GET", f"{REPO}/contents/README.md", headers={"Accept": "application/vnd.github.raw+json"}
    )
    assert raw.content == b"# Infrastructure\n"
    for path, ref in (("nothing.md", "main"), ("README.md", "nowhere")):
        with pytest.raises(GithubException) as missing:
            repo.get_contents(path, ref=ref)
        assert missing.value.status == 404


def test_a_file_is_made_updated_and_removed_by_commits(world):
    repo, branch = world.repo(), world.branch()
    made = repo.create_file("a/b.txt", "Make it", "one\n", branch=branch)
    changed = repo.update_file("a/b.txt", "Change it", b"\x00two", made["content"].sha, branch=branch)
    removed = repo.delete_file("a/b.txt", "Remove it", changed["content"].sha, branch=branch)

    assert repo.get_branch(branch).commit.sha == removed["commit"].sha
    assert [one.commit.message for one in repo.get_commits(sha=branch, path="a/b.txt")] == [
        "Remove it",
        "Change it",
        "Make it",
    ]
    commit = repo.get_commit(changed["commit"].sha)
    assert commit.files[0].filename == "a/b.txt" and commit.files[0].patch is None
    assert commit.author.login == "requester"


@pytest.mark.parametrize(
    ("path", "facts", "status", "message"),
    [
        ("README.md", {}, 422, '"sha" wasn\'t supplied'),
        ("README.md", {"sha": "1" * 40}, 409, "README.md does not match 1111"),
        ("new.md", {"branch": "nowhere"}, 404, "Branch nowhere not found"),
        ("new.md", {"content": "%%%"}, 422, "not valid Base64"),
        (".git/config", {}, 422, "malformed path"),
        ("a/../../b", {}, 422, "malformed path"),
    ],
)
def test_a_file_that_cannot_be_written_so_is_refused(world, path, facts, status, message):
    body = {"message": "Write", "content": base64.b64encode(b"x").decode(), "branch": "main"} | facts
    path = path.replace("..", "%2e%2e")
    answer = world.call("PUT", f"{REPO}/contents/{path}", json=body)

    assert answer.status_code == status and message in answer.json()["message"]


def test_several_files_are_committed_at_once_through_gits_objects(world):
    repo, main = world.repo(), world.repo().get_branch("main").commit
    blob = repo.create_git_blob(base64.b64encode(b"\x00\x01").decode(), "base64")
    elements = [
        InputGitTreeElement("many/one.txt", "100644", "blob", content="one\n"),
        InputGitTreeElement("many/two.bin", "100755", "blob", sha=blob.sha),
        InputGitTreeElement("README.md", "100644", "blob", sha=None),
    ]
    tree = repo.create_git_tree(elements, repo.get_git_tree(main.sha))
    commit = repo.create_git_commit("Many at once", tree, [repo.get_git_commit(main.sha)])
    branch = world.name()
    repo.create_git_ref(f"refs/heads/{branch}", commit.sha)

    paths = {one.path: one.mode for one in repo.get_git_tree(branch, recursive=True).tree}
    assert (paths["many/one.txt"], paths["many/two.bin"]) == ("100644", "100755") and "README.md" not in paths
    assert base64.b64decode(repo.get_git_blob(blob.sha).content) == b"\x00\x01"


def test_a_tree_takes_other_trees_in(world):
    repo, main = world.repo(), world.repo().get_branch("main").commit.sha
    requests = next(one for one in repo.get_git_tree(main).tree if one.path == "requests")
    tree = repo.create_git_tree([InputGitTreeElement("moved", "040000", "tree", sha=requests.sha)])

    assert [one.path for one in tree.tree] == ["moved"]
    assert tree.tree[0].sha == requests.sha


def test_branches_are_made_moved_and_deleted(world):
    repo, name = world.repo(), world.name("deep/branch")
    first = repo.get_branch("main").commit.sha
    ref = repo.create_git_ref(f"refs/heads/{name}", first)
    other = repo.create_file(f"refs/{name}", "Add", "x", branch=world.branch())["commit"].sha

    ref.edit(other)
    assert repo.get_git_ref(f"heads/{name}").object.sha == other
    with pytest.raises(GithubException, match="Update is not a fast forward"):
        ref.edit(first)
    ref.edit(first, force=True)
    assert repo.get_branch(name).commit.sha == first
    ref.delete()
    with pytest.raises(GithubException, match="Branch not found"):
        repo.get_branch(name)
    assert name not in [one.name for one in repo.get_branches()]


@pytest.mark.parametrize(
    ("ref", "sha", "message"),
    [
        ("refs/heads/main", None, "Reference already exists"),
        ("refs/heads/new", "1" * 40, "Object does not exist"),
        ("refs/heads/a..b", None, "is not a valid ref name"),
        ("refs/pull/1/head", None, "is not a valid ref name"),
        ("main", None, "is not a valid ref name"),
    ],
)
def test_a_ref_that_cannot_be_is_refused(world, ref, sha, message):
    sha = sha or world.repo().get_branch("main").commit.sha
    answer = world.call("POST", f"{REPO}/git/refs", json={"ref": ref, "sha": sha})

    assert answer.status_code == 422 and message in answer.json()["message"]


@pytest.mark.parametrize("path", ["commits", "git/ref/heads/main", "commits/main", "git/trees/main"])
def test_an_empty_repository_says_that_it_is(empty, path):
    answer = empty.call("GET", f"{REPO}/{path}")

    assert (answer.status_code, answer.json()["message"]) == (409, "Git Repository is empty.")


def test_the_first_file_makes_the_first_commit(empty):
    repo = empty.repo()
    assert list(repo.get_branches()) == []
    with pytest.raises(GithubException, match="This repository is empty") as refused:
        repo.get_contents("README.md")
    assert refused.value.status == 404

    repo.create_file("README.md", "First", "hello\n")
    assert [one.commit.message for one in repo.get_commits()] == ["First"]
    assert [one.name for one in repo.get_branches()] == ["main"]


@pytest.mark.parametrize("path", [":(foo)", "../x", ".git/config", "*"])
def test_a_path_that_cannot_be_has_no_history(world, path):
    answer = world.call("GET", "/repos/acme/infrastructure/commits", params={"path": path})

    assert (answer.status_code, answer.json()) == (200, [])


def test_a_folder_has_a_history_with_or_without_its_slash(world):
    found = [
        world.call("GET", "/repos/acme/infrastructure/commits", params={"path": path}).json()
        for path in ("requests", "requests/", "/requests")
    ]
    assert found[0] and found[0] == found[1] == found[2]


def test_what_git_does_not_take_is_refused(world):
    repo = "/repos/acme/infrastructure"
    submodule = {"tree": [{"path": "module", "mode": "160000", "type": "commit", "sha": "zz"}]}
    nobody = {
        "message": "m",
        "content": "",
        "branch": world.branch(),
        "author": {"name": "<>", "email": "<>"},
    }

    assert world.call("POST", f"{repo}/git/trees", json=submodule).status_code == 422
    assert world.call("PUT", f"{repo}/contents/{world.name()}", json=nobody).status_code == 422
