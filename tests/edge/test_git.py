"""GitCli against real repositories."""

import base64
import os
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from controller.edge.git import MAX_CONTENT, GitCli, cli
from controller.edge.git.run import Runner
from controller.edge.github import AppInstallation
from controller.errors import GitError
from controller.ports import Conflicts
from controller.sandbox.box import Box

pytestmark = pytest.mark.edge

IDENTITY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
       for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"), ("DATE", "@1750000000 +0000"))},
}  # fmt: skip


class Origin:
    """The repository that is fetched from; changed as a person would."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "uploadpack.allowAnySHA1InWant", "true")

    def git(self, *arguments, data=None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env={**os.environ, **IDENTITY}, check=True, input=data, capture_output=True
        )  # fmt: skip
        return done.stdout.decode().strip()

    def commit(self, message="change", **files: bytes | None) -> str:
        return self.write({name.replace("__", "/"): content for name, content in files.items()}, message)

    def write(self, files, message="change") -> str:
        for name, content in files.items():
            file = self.path / os.fsdecode(name)
            if content is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def branch(self, name, start="HEAD"):
        self.git("checkout", "--quiet", "-B", name, start)


@pytest.fixture
def origin(tmp_path):
    return Origin(tmp_path / "origin")


@pytest.fixture
def make(origin, tmp_path):
    def make(branch="main", url=None, token=None, cache="cache", timeout=60) -> GitCli:
        return GitCli(tmp_path / cache, url or str(origin.path), lambda: token, lambda: branch, timeout)

    return make


@pytest.fixture
def git(make):
    return make()


# --- fetching --------------------------------------------------------------------------------------------------------


def test_the_default_branch_is_fetched_into_a_cache_that_was_not_there(origin, git):
    commit = origin.commit(a=b"1")
    git.fetch()
    assert git.tip() == commit


def test_a_later_fetch_brings_what_came_meanwhile(origin, git):
    origin.commit(a=b"1")
    git.fetch()
    commit = origin.commit(a=b"2")
    git.fetch()
    assert git.tip() == commit and git.blobs(commit, "a")["a"].content == b"2"


def test_a_forced_push_is_followed(origin, git):
    first = origin.commit(a=b"1")
    origin.commit(a=b"2")
    git.fetch()
    origin.git("reset", "--quiet", "--hard", first)
    other = origin.commit(a=b"3")
    git.fetch()
    assert git.tip() == other


def test_an_empty_repository_has_no_tip(git):
    git.fetch()
    assert git.tip() is None


def test_a_default_branch_that_is_deleted_leaves_no_tip(origin, git):
    origin.commit(a=b"1")
    git.fetch()
    origin.branch("other")
    origin.git("branch", "-D", "main")
    git.fetch()
    assert git.tip() is None


def test_a_default_branch_that_is_renamed_is_followed(origin, make):
    origin.commit(a=b"1")
    make("main").fetch()
    origin.git("branch", "-m", "trunk")
    commit = origin.commit(a=b"2")
    make("trunk").fetch()
    assert make("trunk").tip() == commit


def test_a_branch_whose_name_ends_like_the_default_branchs_is_not_taken_for_it(origin, git):
    right = origin.commit(a=b"1")
    for name in ("a/refs/heads/main", "zz/main", "refs/heads/main"):
        origin.branch(name, right)
        origin.commit(evil=name.encode())
    git.fetch()
    assert git.tip() == right


def test_only_the_very_name_of_the_default_branch_is_looked_for(origin, make):
    origin.commit(a=b"1")
    for pattern in ("m*", "mai?", "[m]ain"):
        with pytest.raises(GitError, match="invalid refspec"):
            make(pattern).fetch()
    cache = make("main:refs/heads/main")
    cache.fetch()
    assert cache.tip() is None


def test_a_default_branch_that_is_called_like_an_option_runs_nothing(origin, make, tmp_path):
    commit = origin.commit(a=b"1")
    name = f"--upload-pack=touch${{IFS}}{tmp_path}/pwned"
    origin.git("update-ref", f"refs/heads/{name}", commit)
    git = make(name)
    git.fetch()
    assert git.tip() == commit
    assert not (tmp_path / "pwned").exists()


def test_commits_are_fetched_by_name_from_where_no_branch_leads(origin, git):
    base = origin.commit(a=b"1")
    head = origin.commit(a=b"2")
    origin.git("update-ref", "refs/pull/1/head", head)
    origin.git("reset", "--quiet", "--hard", base)
    git.fetch(head)
    assert git.tip() == base and git.blobs(head)["a"].content == b"2"


@pytest.mark.parametrize("name", ["main", "--upload-pack=touch x", "a" * 39, "A" * 40, "a" * 40 + "\n", ""])
def test_what_is_no_full_name_is_refused_before_git_sees_it(origin, git, name):
    commit = origin.commit(a=b"1")
    git.fetch()
    for ask in (
        lambda: git.fetch(name), lambda: git.merge(commit, name), lambda: git.merge(name, commit),
        lambda: git.blobs(name), lambda: git.first_parents(name, commit), lambda: git.first_parents(None, name),
    ):  # fmt: skip
        with pytest.raises(GitError, match="not the full name"):
            ask()


def test_a_commit_that_nobody_has_fails_and_the_default_branch_is_fresh_nevertheless(origin, git):
    commit = origin.commit(a=b"1")
    with pytest.raises(GitError, match=r"git fetch .*not our ref"):
        git.fetch("1" * 40)
    assert git.tip() == commit


def test_commits_that_are_here_are_not_fetched_again(origin, git, tmp_path):
    commit = origin.commit(a=b"1")
    git.fetch(commit)
    packs = sorted(tmp_path.glob("cache/repository.git/objects/pack/*"))
    git.fetch(commit)
    assert packs and sorted(tmp_path.glob("cache/repository.git/objects/pack/*")) == packs


def test_tags_are_not_fetched(origin, git, tmp_path):
    origin.commit(a=b"1")
    origin.git("tag", "v1")
    git.fetch()
    assert not list(tmp_path.glob("cache/repository.git/refs/tags/*"))


def test_a_tree_that_was_read_is_not_read_again(origin, git, tmp_path):
    commit = origin.commit(a=b"1")
    git.fetch()
    read = git.blobs(commit, "a")
    shutil.rmtree(tmp_path / "cache")
    assert git.blobs(commit, "a") == read


def test_a_tree_that_is_too_large_to_be_remembered_is_read_each_time(origin, make, monkeypatch):
    monkeypatch.setattr(cli, "REMEMBERED", 1024)
    git, commit = make(), origin.commit(a=b"1" * 1024)
    git.fetch()
    assert git.blobs(commit) == git.blobs(commit) and git.blobs(commit) is not git.blobs(commit)


@pytest.mark.parametrize("kind", ["heads", "tags"])
def test_what_is_called_like_the_whole_name_of_the_default_branch_is_no_tip_where_that_is_gone(
    origin, git, kind
):
    origin.commit(a=b"1")
    git.fetch()
    origin.branch("other")
    evil = origin.commit(evil=b"1")
    origin.git("update-ref", f"refs/{kind}/refs/heads/main", evil)
    origin.git("branch", "-D", "main")
    git.fetch()
    assert git.tip() is None


def test_what_a_git_wrote_whose_worker_was_killed_is_not_taken_for_ours(origin, git, tmp_path, monkeypatch):
    """It appends its line whenever it is done, also before ours."""
    old = origin.commit(a=b"1")
    git.fetch()
    new = origin.commit(a=b"2")
    run = Runner.run

    def beside_another(self, *arguments, **more):
        done = run(self, *arguments, **more)
        if arguments[0] == "fetch":
            head = tmp_path / "cache/repository.git/FETCH_HEAD"
            head.write_text(f"{old}\t\tbranch 'main' of {origin.path}\n{head.read_text()}")
        return done

    with monkeypatch.context() as patched:
        patched.setattr(Runner, "run", beside_another)
        with pytest.raises(GitError, match="not one branch"):
            git.fetch()
    assert git.tip() == old
    git.fetch()
    assert git.tip() == new


@pytest.mark.parametrize(
    "damage",
    [
        lambda repository: (repository / "HEAD").unlink(),
        lambda repository: (repository / "refs/infrautomater/default").write_text(""),
        lambda repository: (repository / "refs/infrautomater/default").write_text("1" * 40 + "\n"),
        lambda repository: [pack.unlink() for pack in repository.glob("objects/pack/*")],
        lambda repository: [pack.chmod(0o600) or pack.write_bytes(b"") for pack in repository.glob("objects/pack/*.pack")],
    ],
    ids=["no HEAD", "empty ref", "dangling ref", "no packs", "empty packs"],
)  # fmt: skip
def test_a_broken_cache_is_made_anew(origin, git, tmp_path, damage):
    commit = origin.commit(a=b"1")
    git.fetch()
    damage(tmp_path / "cache/repository.git")
    git.fetch()
    assert git.tip() == commit and git.blobs(commit)["a"].content == b"1"


def test_locks_that_a_killed_git_left_are_no_obstacle(origin, git, tmp_path):
    origin.commit(a=b"1")
    git.fetch()
    commit = origin.commit(a=b"2")
    (tmp_path / "cache/repository.git/refs/infrautomater/default.lock").touch()
    git.fetch()
    assert git.tip() == commit


def test_a_cache_that_cannot_be_made_is_a_git_error(make, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(GitError, match="cannot be used"):
        make(cache="file/cache").fetch()


def test_a_cache_that_was_never_fetched_into_is_a_git_error(git):
    with pytest.raises(GitError, match="git for-each-ref"):
        git.tip()


def test_eight_workers_on_a_new_cache_all_end_well(origin, make):
    heads = []
    base = origin.commit(a=b"0")
    for number in range(8):
        origin.branch(f"b{number}", base)
        heads.append(origin.commit(a=str(number).encode()))
    caches = [make() for _ in heads]  # one lock a cache, as in as many processes
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda cache, head: cache.fetch(head), caches, heads))
    assert [caches[0].blobs(head)["a"].content for head in heads] == [b"%d" % n for n in range(8)]


def test_a_repository_that_is_not_there_is_an_error_with_the_command_and_what_git_said(make):
    with pytest.raises(GitError, match=r"git fetch .*does not appear to be a git repository"):
        make(url="/nowhere").fetch()


@pytest.mark.parametrize(
    "url", ["ext::touch% pwned", "ssh://127.0.0.1/x", "git://127.0.0.1/x", "--upload-pack=x"]
)
def test_only_files_and_http_are_spoken_to(make, url, tmp_path):
    with pytest.raises(GitError, match=r"not allowed|does not appear|unknown option|blocked"):
        make(url=url).fetch()
    assert not list(tmp_path.rglob("pwned"))


def test_hooks_and_the_users_own_configuration_do_not_run(origin, make, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / "hooks").mkdir(parents=True)
    hook = home / "hooks/reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    hook.chmod(0o755)
    (home / ".gitconfig").write_text(
        f'[core]\nhooksPath = {home}/hooks\n[url "/nowhere"]\ninsteadOf = {origin.path}\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    git = make()
    (tmp_path / "origin/a").write_bytes(b"1")
    subprocess.run(
        ["git", "-C", origin.path, "add", "a"], check=True, env={"PATH": os.environ["PATH"], **IDENTITY}
    )
    monkeypatch.delenv("GIT_DIR")
    origin.git("commit", "-qm", "one")
    (tmp_path / "pwned").unlink(missing_ok=True)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    git.fetch()
    assert git.tip()
    assert not (tmp_path / "pwned").exists()


# --- over HTTP -------------------------------------------------------------------------------------------------------


@contextmanager
def http_server(answer):
    """A server that is no git server; `answer(handler)` answers a GET."""
    handler = type("Handler", (BaseHTTPRequestHandler,), {"do_GET": answer, "log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/acme/infrastructure.git"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def as_app(box):
    key = str(box.app.app_id), box.app.private_key
    return AppInstallation(key, box.repository, box.api_url).token


@pytest.mark.parametrize("token", [lambda box: box.tokens["controller"], as_app], ids=["token", "app"])
def test_over_http_it_fetches_with_the_token(tmp_path, token):
    with Box(tmp_path / "box", seed_files={"requests/payments/orders.yaml": b"kind: database\n"}) as box:
        url = f"{box.url}/{box.repository}.git"
        git = GitCli(tmp_path / "cache", url, lambda: token(box), lambda: "main")
        git.fetch()
        tip = git.tip()
        assert (
            tip and git.blobs(tip, "requests")["requests/payments/orders.yaml"].content == b"kind: database\n"
        )


def test_without_a_token_or_with_a_wrong_one_it_fails_at_once_and_asks_nobody(tmp_path):
    with Box(tmp_path / "box", seed_files={"a": b"1"}) as box:
        url = f"{box.url}/{box.repository}.git"
        for token in (None, "wrong-token"):
            with pytest.raises(GitError) as caught:
                GitCli(tmp_path / "cache", url, lambda token=token: token, lambda: "main").fetch()
            assert "wrong-token" not in str(caught.value)


def test_the_token_goes_out_as_basic_authentication_and_is_in_no_error_argv_or_file(make, tmp_path):
    seen, argvs = [], []

    def answer(handler):
        seen.append(handler.headers["Authorization"])
        argvs.extend(file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline"))
        handler.send_error(500, explain=handler.headers["Authorization"])

    with http_server(answer) as url, pytest.raises(GitError) as caught:
        make(url=url, token="s3cret-token").fetch()
    basic = base64.b64encode(b"x-access-token:s3cret-token").decode()
    assert seen[0] == f"Basic {basic}"
    written = b"".join(file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file())
    for where in (
        str(caught.value).encode(),
        repr(caught.value.__cause__).encode(),
        b"".join(argvs),
        written,
    ):
        assert b"s3cret-token" not in where and basic.encode() not in where


def test_a_redirect_is_not_followed_since_the_token_would_go_along(make):
    asked = []

    def elsewhere(handler):
        asked.append(handler.headers["Authorization"])
        handler.send_error(404)

    with http_server(elsewhere) as target:

        def redirect(handler):
            handler.send_response(302)
            handler.send_header("Location", f"{target}{handler.path}")
            handler.end_headers()

        with http_server(redirect) as url, pytest.raises(GitError):
            make(url=url, token="s3cret-token").fetch()
    assert asked == []


def test_a_remote_that_does_not_answer_is_given_up_with_all_that_git_started(make, tmp_path):
    done = threading.Event()
    with http_server(lambda handler: done.wait(20)) as url:
        began = time.monotonic()
        try:
            with pytest.raises(GitError, match=r"git fetch .*no end after 1 s"):
                make(url=url, timeout=1).fetch()
            assert time.monotonic() - began < 10
            mine = f"GIT_DIR={tmp_path}/cache/repository.git".encode()
            while any(mine in environ for environ in _environs()):  # killed, but not gone yet
                assert time.monotonic() - began < 15
        finally:
            done.set()


def _environs():
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            yield file.read_bytes()
        except OSError:
            continue


# --- merging ---------------------------------------------------------------------------------------------------------


def test_a_branch_that_is_behind_deletes_nothing_that_came_later(origin, git):
    base = origin.commit(a=b"1")
    origin.branch("pull", base)
    head = origin.commit(mine=b"1")
    origin.branch("main", base)
    tip = origin.commit(later=b"1")
    git.fetch(head)
    assert set(git.blobs(git.merge(tip, head))) == {"a", "mine", "later"}


def test_conflicts_are_told_by_path(origin, git):
    base = origin.commit(a=b"1\n", z__deep=b"1\n", same=b"1\n")
    origin.branch("pull", base)
    head = origin.write({"a": b"2\n", "z/deep": b"2\n"})
    origin.branch("main", base)
    tip = origin.write({"a": b"3\n", "z/deep": b"3\n"})
    git.fetch(head)
    assert git.merge(tip, head) == Conflicts(("a", "z/deep"))


def test_histories_without_a_common_commit_are_conflicts_without_paths(origin, git):
    tip = origin.commit(a=b"1")
    origin.git("checkout", "--quiet", "--orphan", "other")
    head = origin.commit(b=b"1")
    git.fetch(head)
    assert git.merge(tip, head) == Conflicts(())


def test_merging_a_commit_that_is_not_here_is_an_error_and_no_conflict(origin, git):
    tip = origin.commit(a=b"1")
    git.fetch()
    with pytest.raises(GitError, match="git merge-tree"):
        git.merge(tip, "1" * 40)


TEXT = b"".join(b"line %d\n" % number for number in range(50))
RENAMES = {
    "one edits what the other renamed": ({"old": TEXT + b"edited\n"}, {"old": None, "new": TEXT}),
    "both rename, one edits too": ({"old": None, "new": TEXT + b"edited\n"}, {"old": TEXT + b"more\n"}),
    "one adds to a folder that the other renamed": (
        {"folder/mine": b"mine\n"},
        {"folder/a": None, "folder/b": None, "moved/a": b"a\n" * 9, "moved/b": b"b\n" * 9},
    ),
}


@pytest.fixture
def fork(origin):
    def fork(ours, theirs):
        base = origin.write({"old": TEXT, "folder/a": b"a\n" * 9, "folder/b": b"b\n" * 9, "other": b"1"})
        origin.branch("pull", base)
        head = origin.write(ours)
        origin.branch("main", base)
        return origin.write(theirs), head

    return fork


@pytest.mark.parametrize("name", RENAMES)
def test_no_edit_is_carried_into_another_file_since_git_takes_it_for_the_renamed_one(fork, git, name):
    tip, head = fork(*RENAMES[name])
    git.fetch(head)
    for merged in (git.merge(tip, head), git.merge(head, tip)):
        if isinstance(merged, Conflicts):
            assert merged.paths
        else:
            blobs = git.blobs(merged)
            assert blobs["folder/mine"].content == b"mine\n" and "moved/mine" not in blobs


def test_renames_that_collide_with_nothing_are_merged(fork, git):
    tip, head = fork({"old": None, "new": TEXT}, {"folder/a": None, "moved/a": b"a\n" * 9, "other": b"2"})
    git.fetch(head)
    merged = git.merge(tip, head)
    assert set(git.blobs(merged)) == {"new", "moved/a", "folder/b", "other"}


def test_both_edit_one_file_in_different_places(fork, git):
    tip, head = fork({"old": b"top\n" + TEXT}, {"old": TEXT + b"bottom\n"})
    git.fetch(head)
    assert git.blobs(git.merge(tip, head))["old"].content == b"top\n" + TEXT + b"bottom\n"


def test_crossing_merges_have_two_bases_and_are_merged(fork, origin, git):
    tip, head = fork({"new": b"1"}, {"other": b"2"})
    origin.git("merge", "--quiet", "--no-edit", head)
    origin.branch("pull", head)
    origin.git("merge", "--quiet", "--no-edit", tip)
    head = origin.write({"new": b"3"})
    git.fetch(head)
    assert git.blobs(git.merge(git.tip(), head))["new"].content == b"3"


# --- reading ---------------------------------------------------------------------------------------------------------


def test_every_entry_below_a_folder_is_read_and_none_beside_it(origin, git):
    tip = origin.write(
        {"requests/a/1.yaml": b"1", "requests/b.yaml": b"", "requests2/x": b"x", "README.md": b"x"}
    )
    git.fetch()
    blobs = git.blobs(tip, "requests")
    assert {path: blob.content for path, blob in blobs.items()} == {
        "requests/a/1.yaml": b"1",
        "requests/b.yaml": b"",
    }
    assert blobs["requests/b.yaml"].sha == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert git.blobs(tip, "nowhere") == {}


def test_links_programs_and_submodules_are_told_by_their_mode_and_never_followed(origin, git):
    inner = origin.commit(a=b"1")
    (origin.path / "requests").mkdir()
    (origin.path / "requests/link.yaml").symlink_to("/etc/passwd")
    (origin.path / "requests/run.yaml").write_bytes(b"#!/bin/sh\n")
    (origin.path / "requests/run.yaml").chmod(0o755)
    origin.git("add", "--all")
    origin.git("update-index", "--add", "--cacheinfo", f"160000,{inner},requests/module.yaml")
    origin.git("commit", "--quiet", "-m", "odd")
    git.fetch()
    blobs = git.blobs(git.tip(), "requests")
    assert {path: (blob.mode, blob.content) for path, blob in blobs.items()} == {
        "requests/link.yaml": ("120000", b"/etc/passwd"),
        "requests/run.yaml": ("100755", b"#!/bin/sh\n"),
        "requests/module.yaml": ("160000", b""),
    }


def test_a_folder_that_became_a_link_is_given_as_that_link(origin, git):
    origin.write({"elsewhere/x": b"x"})
    (origin.path / "requests").symlink_to("elsewhere")
    tip = origin.commit()
    git.fetch()
    assert {path: blob.mode for path, blob in git.blobs(tip, "requests").items()} == {"requests": "120000"}


ODD = [
    "-rf",
    "--all",
    "a b",
    "new\nline",
    "tab\there",
    '"quoted"',
    "grüße",
    "日本",
    ":(glob)*",
    "\x1b[31m",
    "$(id)",
]


def test_odd_names_are_only_names(origin, git):
    root = origin.commit(first=b"")
    tip = origin.write({f"odd/{name}": name.encode() for name in ODD})
    git.fetch()
    paths = {f"odd/{name}" for name in ODD}
    assert {path: blob.content.decode() for path, blob in git.blobs(tip, "odd").items()} == {
        path: path[4:] for path in paths
    }
    assert set(git.first_parents(root, tip)[0].paths) == paths


def test_names_that_are_no_utf_8_hide_nothing(origin, git):
    names = [b"odd/a\xff.yaml", b"odd/a\xfe.yaml", "odd/a\N{REPLACEMENT CHARACTER}.yaml".encode()]
    tip = origin.write({name: name for name in names})
    git.fetch()
    blobs = git.blobs(tip, "odd")
    assert {blob.content for blob in blobs.values()} == set(names)
    assert all(path.encode() for path in blobs)


def test_a_file_that_is_too_large_is_cut_to_one_byte_more_than_allowed(origin, git):
    tip = origin.write(
        {"big": b"b" * 5_000_000, "limit": b"l" * MAX_CONTENT, "over": b"o" * (MAX_CONTENT + 1)}
    )
    git.fetch()
    sizes = {path: len(blob.content) for path, blob in git.blobs(tip).items()}
    assert sizes == {"big": MAX_CONTENT + 1, "limit": MAX_CONTENT, "over": MAX_CONTENT + 1}


def test_the_same_content_in_many_files_is_read_and_held_once(origin, git):
    origin.write({"a": b"x" * MAX_CONTENT})
    blob = origin.git("rev-parse", "HEAD:a")
    rows = "".join(f"100644 blob {blob}\t{number}.yaml\n" for number in range(1_000))
    tree = origin.git("mktree", data=rows.encode())
    tip = origin.git("commit-tree", "-m", "1 GB when written out", tree)
    git.fetch(tip)
    blobs = git.blobs(tip)
    assert len(blobs) == 1_000 and len({id(blob.content) for blob in blobs.values()}) == 1


def test_more_content_than_memory_should_hold_is_an_error(origin, git, monkeypatch):
    monkeypatch.setattr("controller.edge.git.cli.MAX_TOGETHER", 1000)
    tip = origin.write({"a": b"1" * 600, "b": b"2" * 600})
    git.fetch()
    with pytest.raises(GitError, match="2 files have more than 1000 bytes together"):
        git.blobs(tip)


def test_a_content_that_the_cache_lost_is_an_error_and_no_deletion(origin, git, tmp_path):
    tip = origin.commit(a=b"1", b=b"2")
    git.fetch()
    lost = origin.git("rev-parse", f"{tip}:a")
    repository = tmp_path / "cache/repository.git"
    packs = [pack.rename(tmp_path / pack.name) for pack in repository.glob("objects/pack/*.pack")]
    for pack in packs:
        with pack.open("rb") as data:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=repository, stdin=data, check=True)
    (repository / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(GitError):
        git.blobs(tip)


def test_ten_thousand_files_are_read_in_well_under_a_second(origin, git):
    stream = ["commit refs/heads/main\ncommitter A <a@b> 1750000000 +0000\ndata 0\n"]
    for number in range(10_000):
        text = f"kind: database\nname: n{number}\n"
        stream.append(f"M 644 inline requests/t{number % 50}/n{number}.yaml\ndata {len(text)}\n{text}\n")
    origin.git("fast-import", "--quiet", data="".join(stream).encode())
    git.fetch()
    tip = git.tip()
    times = []
    for _ in range(3):  # the machine has other things to do
        began = time.monotonic()
        blobs = git.blobs(tip, "requests")
        times.append(time.monotonic() - began)
    assert len(blobs) == 10_000 and blobs["requests/t7/n7.yaml"].content == b"kind: database\nname: n7\n"
    assert min(times) < 1.5  # measured alone: 0.11 s


# --- the first-parent line -------------------------------------------------------------------------------------------


@pytest.fixture
def history(origin):
    """root, then a merge of a pull with two commits, then a commit: `main` and the inner commits by name."""
    root = origin.commit(a=b"1", folder__b=b"1")
    origin.branch("pull")
    inner = origin.commit(c=b"1")
    inner2 = origin.commit(c=b"2", d=b"1")
    origin.branch("main", root)
    side = origin.commit(a=b"2")
    origin.git("merge", "--quiet", "--no-ff", "-m", "Merge\n\n:100644 trick", "pull")
    merge = origin.git("rev-parse", "HEAD")
    last = origin.write({"c": None, "moved": b"2"})
    return {"root": root, "inner": inner, "inner2": inner2, "side": side, "merge": merge, "last": last}


def test_the_whole_line_begins_with_all_files_of_the_root(history, git):
    git.fetch()
    line = git.first_parents(None, history["last"])
    assert [commit.sha for commit in line] == [history[name] for name in ("root", "side", "merge", "last")]
    assert [set(commit.paths) for commit in line] == [{"a", "folder/b"}, {"a"}, {"c", "d"}, {"c", "moved"}]
    assert [commit.parents for commit in line] == [
        (),
        (history["root"],),
        (history["side"], history["inner2"]),
        (history["merge"],),
    ]


def test_the_line_goes_on_after_a_commit_that_is_on_it(history, git):
    git.fetch()
    line = git.first_parents(history["side"], history["last"])
    assert [commit.sha for commit in line] == [history["merge"], history["last"]]
    assert git.first_parents(history["last"], history["last"]) == ()


@pytest.mark.parametrize(
    ("since", "until"), [("inner", "last"), ("inner2", "last"), ("last", "side"), ("side", "inner2")]
)
def test_a_commit_that_is_not_on_the_line_is_a_rewritten_history(history, git, since, until):
    git.fetch(history[since], history[until])
    assert git.first_parents(history[since], history[until]) is None


def test_a_commit_that_is_not_known_any_more_is_a_rewritten_history(history, git):
    git.fetch()
    assert git.first_parents("1" * 40, history["last"]) is None


def test_the_end_of_a_line_that_is_not_here_is_an_error(history, git):
    git.fetch()
    with pytest.raises(GitError, match="git log"):
        git.first_parents(None, "1" * 40)


def test_commits_that_change_nothing_are_on_the_line_too(origin, git):
    commits = [origin.commit(f"n{number}") for number in range(3)]
    commits.append(origin.commit(a=b"1"))
    git.fetch()
    line = git.first_parents(None, commits[-1])
    assert [(commit.sha, commit.paths) for commit in line] == [(sha, ()) for sha in commits[:3]] + [
        (commits[3], ("a",))
    ]


def test_a_rename_changes_both_paths(origin, git):
    root = origin.commit(old=b"same\n" * 20)
    origin.git("mv", "old", "new")
    tip = origin.commit()
    git.fetch()
    assert set(git.first_parents(root, tip)[0].paths) == {"old", "new"}
