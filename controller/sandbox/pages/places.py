"""Which commit and which path an address means: `/blob/fix/login/docs/x.md` may be a branch `fix` or `fix/login`."""

import posixpath
from dataclasses import dataclass

from controller.sandbox.errors import not_found
from controller.sandbox.git import objects
from controller.sandbox.git.cli import Git
from controller.sandbox.git.objects import Entry
from controller.sandbox.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Place:
    """A path at a commit; `ref` is the branch, tag or sha that was asked for, `path` is empty for the root."""

    git: Git
    ref: str
    sha: str
    path: str

    @property
    def name(self) -> str:
        """The path's last part."""
        return posixpath.basename(self.path)

    @property
    def folders(self) -> list[tuple[str, str]]:
        """The folders above, each with its path."""
        parts = self.path.split("/")[:-1]
        return [(part, "/".join(parts[: number + 1])) for number, part in enumerate(parts)]

    @property
    def folder(self) -> str:
        """The path of the folder above."""
        return posixpath.dirname(self.path)

    def entry(self) -> Entry:
        """What lies there.

        Raises:
            RefusedError: 404, nothing.
        """
        if not self.path:
            return Entry("", "040000", "tree", self.sha)
        if not objects.is_path(self.path):
            raise not_found()
        found = objects.entries(self.git, self.sha, self.path)
        entry = next((one for one in found if one.path == self.path), None)
        if entry is None:
            raise not_found()
        return entry


def place(visit: Visit) -> Place:
    """The place that the rest of an address names; without one, the default branch's root.

    Raises:
        RefusedError: 404, there is no such commit.
    """
    repository = visit.repository()
    parts = (visit.path.get("rest") or repository.default_branch).rstrip("/").split("/")
    ref = _ref(visit, parts)
    sha = objects.resolve(visit.git(), ref)
    if sha is None:
        raise not_found()
    return Place(visit.git(), ref, sha, "/".join(parts[ref.count("/") + 1 :]))


def branches(visit: Visit) -> list[str]:
    """The repository's branches, the default one first."""
    repository = visit.repository()
    names = [ref.name for ref in visit.forge.refs.of(repository.id) if ref.name.startswith("refs/heads/")]
    found = sorted(name.removeprefix("refs/heads/") for name in names)
    return sorted(found, key=lambda name: name != repository.default_branch)


def _ref(visit: Visit, parts: list[str]) -> str:
    repository = visit.repository()
    starts = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
    known = (
        start
        for start in starts
        if any(visit.forge.sha(repository, f"refs/{kind}/{start}") for kind in ("heads", "tags"))
    )
    return next(known, parts[0])
