"""GitCli: the configuration repository through the git CLI (2.38 or newer) and a bare cache."""

import base64
import fcntl
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from cachetools import LRUCache, cachedmethod

from controller.core.request import Blob
from controller.edge.git import answers
from controller.edge.git.answers import sha
from controller.edge.git.run import HEADER, Runner, failure
from controller.errors import GitError
from controller.ports import Commit, Conflicts

MAX_CONTENT = 1024 * 1024
"""Contents over this are cut to one byte more, so that whoever reads them sees that they are too large."""
MAX_TOGETHER = 256 * 1024 * 1024
"""The most bytes that the distinct contents of one folder may have together, cut ones counted as cut."""

REMEMBERED = 4 * 1024 * 1024
"""So many bytes of contents that were read are remembered: catalogues, which every story reads, not ten thousand requests."""

_OVERHEAD = 512
_TIP = "refs/infrautomater/default"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-auto-gc", "--no-recurse-submodules")


class GitCli:
    """The port `Git` for one repository; several threads and processes may share one cache.

    Every method raises GitError with the command and what git said; the token is in no error, no argv and on no disk.

    Args:
        cache: A folder of ours; it and what is in it are made when missing.
        url: Where the repository is: `https`, `http`, `file` or a path, without user or password.
        credentials: The token to fetch with, asked for before each fetch; None for none.
        branch: The name of the default branch, asked for before each fetch.
        timeout: Seconds after which a git command is killed.
    """

    def __init__(
        self,
        cache: Path,
        url: str,
        credentials: Callable[[], str | None],
        branch: Callable[[], str],
        timeout: float = 600,
    ) -> None:
        self._cache, self._url, self._credentials, self._branch = cache, url, credentials, branch
        self._repository = cache / "repository.git"
        self._git = Runner(self._repository, timeout)
        self._remembered: LRUCache[tuple[str, ...], Mapping[str, Blob]] = LRUCache(REMEMBERED, _size)
        self._lock = Lock()

    def fetch(self, *commits: str) -> None:
        """Bring the default branch as it is now (force-pushed or gone too), and these commits unless they are here.

        A missing or broken cache is made anew. The default branch comes first: for a commit that the remote does not
        have (any more) GitError is raised, and `tip` is fresh nevertheless.
        """
        wanted = [sha(commit) for commit in commits]
        branch, remote = self._branch(), self._remote()
        with self._alone():
            self._prepare()
            self._bring_tip(branch, remote)
            self._bring(wanted, remote)
            self._git.run("gc", "--auto", "--quiet")  # whether it went well is not this fetch's business

    def tip(self) -> str | None:
        """The default branch's commit as last fetched; None where the repository is empty or has no such branch."""
        return self._git.output("for-each-ref", "--format=%(objectname)", _TIP).decode().strip() or None

    def merge(self, tip: str, head: str) -> str | Conflicts:
        """The tree that merging `head` into `tip` makes.

        What git could only merge by taking files for renamed ones are Conflicts too. Histories without a common
        commit are Conflicts without paths: GitHub merges those as little. See https://git-scm.com/docs/git-merge-tree.
        """
        ends = sha(tip), sha(head)
        arguments = ("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *ends)
        done = self._git.run(*arguments)
        # A commit that is not here is a 1 too, but then no tree is printed.
        if done.returncode in (0, 1) and done.stdout:
            tree, *paths = answers.texts(done.stdout)
            collided = paths if done.returncode else sorted(self._moved(tree, ends))
            return Conflicts(tuple(collided)) if collided else tree
        if not self._lacking(ends) and self._git.run("merge-base", *ends).returncode == 1:
            return Conflicts(())
        raise failure(arguments, done.stderr)

    @cachedmethod(lambda self: self._remembered, lock=lambda self: self._lock)
    def blobs(self, tree: str, *folders: str) -> Mapping[str, Blob]:
        """Every entry below folders of a tree or commit (none: all) by path; the entry itself where it is no folder.

        What is in a tree never changes: small answers are remembered, also when the cache is lost. A submodule's
        content is empty, a link's is its target; contents over MAX_CONTENT are cut to one byte more. Bytes
        of a path that are no UTF-8 become U+FFFD; of two paths that would so be one, the later gets one more.

        Raises:
            GitError: Also where the contents have more than MAX_TOGETHER bytes.
        """
        listed = self._git.output("ls-tree", "-r", "-l", "-z", "--full-tree", sha(tree), "--", *folders)
        entries = list(answers.entries(listed))
        contents = self._contents(
            {entry.sha: entry.size for entry in entries if entry.mode != answers.SUBMODULE}
        )
        blobs: dict[str, Blob] = {}
        for entry in entries:
            path = answers.unused(entry.path, blobs)
            blobs[path] = Blob(entry.mode, entry.sha, contents.get(entry.sha, b""))
        return blobs

    def first_parents(self, since: str | None, until: str) -> tuple[Commit, ...] | None:
        """The first-parent line after `since`, oldest first, each with the paths changed against its first parent.

        None where `since` is not on it, or not known (any more). Without `since` it is the whole line from the root
        on, unbounded; the root's paths are all its files. See https://git-scm.com/docs/git-log.
        """
        span = sha(until) if since is None else f"{sha(since)}..{sha(until)}"
        options = ("--first-parent", "--diff-merges=first-parent", "--reverse", "--no-renames", "--raw", "-z")
        arguments = ("log", *options, "--format=%H %P", span, "--")
        log = self._git.run(*arguments)
        if log.returncode and since is not None and self._lacking([since]):
            return None
        if log.returncode:
            raise failure(arguments, log.stderr)
        line = tuple(answers.commits(log.stdout))
        whole = since in (None, until)
        return line if whole or (line and line[0].parents[:1] == (since,)) else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._cache / "lock").open("w")
        except OSError as error:
            raise GitError(f"the git cache cannot be used: {error}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare(self) -> None:
        if self._is_sound():
            # Left by a git that was killed: only who has our lock writes refs.
            for stale in self._repository.rglob("*.lock"):
                stale.unlink(missing_ok=True)
            return
        shutil.rmtree(self._repository, ignore_errors=True)
        try:
            self._repository.mkdir()
        except OSError as error:
            raise GitError(f"the git cache cannot be made: {error}") from error
        self._git.output("init", "--quiet", "--bare", "--template=")

    def _is_sound(self) -> bool:
        if not self._repository.is_dir():
            return False
        if self._git.run("cat-file", "-e", f"{_TIP}^{{tree}}").returncode == 0:
            return True
        refs = self._git.run("for-each-ref", "--format=%(objectname)", _TIP)
        return not (refs.returncode or refs.stdout or refs.stderr)  # a broken ref is only warned of

    def _remote(self) -> Mapping[str, str]:
        token = self._credentials()
        if token is None:
            return {"remote.origin.url": self._url}
        # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation#about-authentication-as-a-github-app-installation
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        return {"remote.origin.url": self._url, HEADER: f"Authorization: Basic {basic}"}

    def _bring_tip(self, branch: str, remote: Mapping[str, str]) -> None:
        """Let our ref be what the branch is; where there is none (any more) there is no tip."""
        ref = f"refs/heads/{branch}"
        arguments = (*_FETCH, "--end-of-options", "origin", ref)
        done = self._git.run(*arguments, config=remote)
        is_there = f"fatal: couldn't find remote ref {ref}" not in answers.lines(done.stderr)
        if done.returncode and is_there:
            raise failure(arguments, done.stderr, remote)
        tip = answers.fetched(self._repository / "FETCH_HEAD", branch) if is_there else None
        self._git.output("update-ref", *((_TIP, tip) if tip else ("-d", _TIP)))

    def _bring(self, commits: Collection[str], remote: Mapping[str, str]) -> None:
        missing = self._lacking(commits)
        if missing:
            options = ("--no-write-fetch-head", "--end-of-options", "origin")
            self._git.output(*_FETCH, *options, *missing, config=remote)

    def _lacking(self, commits: Collection[str]) -> Sequence[str]:
        names = list(dict.fromkeys(commits))
        asked = "".join(f"{name}^{{commit}}\n" for name in names).encode()
        said = answers.lines(self._git.output("cat-file", "--batch-check", data=asked)) if names else []
        return [name for name, line in zip(names, said, strict=True) if line.endswith(" missing")]

    def _moved(self, tree: str, ends: tuple[str, str]) -> set[str]:
        """The paths that a merge changed on one side though the other did not touch them.

        Only a rename that git guessed does so; before 2.50 merge-tree cannot be told to leave that
        (https://github.com/git/git/blob/master/Documentation/RelNotes/2.50.0.adoc).
        """
        bases = answers.lines(self._git.output("merge-base", "--all", *ends))
        tip, head = ends
        by_tip, by_head = (set[str]().union(*(self._changed(base, end) for base in bases)) for end in ends)
        return (self._changed(tip, tree) - by_head) | (self._changed(head, tree) - by_tip)

    def _changed(self, before: str, after: str) -> set[str]:
        options = ("-r", "-z", "--name-only", "--no-renames")
        return set(answers.texts(self._git.output("diff-tree", *options, before, after)))

    def _contents(self, sizes: Mapping[str, int]) -> Mapping[str, bytes]:
        if sum(min(size, MAX_CONTENT + 1) for size in sizes.values()) > MAX_TOGETHER:
            raise GitError(f"{len(sizes)} files have more than {MAX_TOGETHER} bytes together")
        small = [name for name, size in sizes.items() if size <= MAX_CONTENT]
        asked = "".join(f"{name}\n" for name in small).encode()
        printed = self._git.output("cat-file", "--batch", "--buffer", data=asked) if small else b""
        whole = dict(zip(small, answers.contents(printed, small), strict=True))
        cut = [name for name in sizes if name not in whole]
        return whole | {
            name: self._git.beginning("cat-file", "blob", name, size=MAX_CONTENT + 1) for name in cut
        }


def _size(blobs: Mapping[str, Blob]) -> int:
    """About as many bytes as an answer takes; an empty one takes some too."""
    return _OVERHEAD + sum(_OVERHEAD + len(path) + len(blob.content) for path, blob in blobs.items())
