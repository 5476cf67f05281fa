"""A folder on disk is read as the commit it would be."""

import subprocess

import pytest

from controller.edge.worktree import read_worktree, resolve_revision
from controller.errors import GitError

pytestmark = pytest.mark.edge


def git(folder, *words):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def write(root, path, text):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "repository"
    write(root, "requests/payments/orders.yaml", "kind: s3\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    return root


def test_blobs_are_those_that_git_would_make(repository):
    write(repository, "requests/payments/run.sh", "#!/bin/sh\n")
    (repository / "requests/payments/run.sh").chmod(0o755)
    write(repository, "requests/payments/empty.yaml", "")
    (repository / "requests/link").symlink_to("payments")
    (repository / "requests/broken.yaml").symlink_to("nowhere")
    git(repository, "add", ".")
    listed = [line.split(maxsplit=3) for line in git(repository, "ls-files", "--stage").splitlines()]

    blobs = read_worktree(repository, "requests")

    assert {path: (blob.mode, blob.sha) for path, blob in blobs.items()} == {
        path: (mode, sha) for mode, sha, _, path in listed
    }


def test_hidden_folders_are_left_out_on_wish_only(repository):
    write(repository, "terraform/modules/s3/.terraform/providers/huge", "x")
    write(repository, "terraform/modules/s3/.terraform.lock.hcl", "# locked\n")
    write(repository, "requests/.payments/orders.yaml", "kind: s3\n")

    assert list(read_worktree(repository, "terraform", hidden=False)) == [
        "terraform/modules/s3/.terraform.lock.hcl"
    ]
    assert "requests/.payments/orders.yaml" in read_worktree(repository, "requests")


def test_a_folder_that_is_not_there_is_empty(tmp_path):
    assert read_worktree(tmp_path, "requests") == {}


@pytest.mark.parametrize("revision", ["HEAD", "main", "HEAD~0"])
def test_a_revision_is_a_commit(repository, revision):
    assert resolve_revision(repository, revision) == git(repository, "rev-parse", "HEAD")


def test_an_annotated_tag_is_its_commit(repository):
    git(repository, "tag", "-am", "a tag", "v1")
    assert resolve_revision(repository, "v1") == git(repository, "rev-parse", "HEAD")


def test_head_in_a_linked_worktree_is_that_worktrees(repository, tmp_path):
    linked = tmp_path / "linked"
    git(repository, "worktree", "add", "-q", "-b", "side", str(linked))
    git(linked, "commit", "-q", "--allow-empty", "-m", "two")

    assert resolve_revision(linked, "HEAD") == git(linked, "rev-parse", "HEAD")
    assert resolve_revision(linked, "main") == git(repository, "rev-parse", "HEAD")
    assert resolve_revision(linked, "HEAD") != resolve_revision(linked, "main")


@pytest.mark.parametrize("revision", ["nowhere", "--all", "", "HEAD:requests"])
def test_what_names_no_commit_is_said(repository, revision):
    with pytest.raises(GitError):
        resolve_revision(repository, revision)


def test_an_unknown_revision_comes_with_a_way_out(repository):
    with pytest.raises(GitError, match="`origin/main` names no commit here; it may have to be fetched"):
        resolve_revision(repository, "origin/main")


def test_a_folder_without_git_is_said(tmp_path):
    with pytest.raises(GitError, match="is not the top folder of a git repository"):
        resolve_revision(tmp_path, "HEAD")
