"""What statuses say of a commit: https://docs.github.com/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks."""

from collections import Counter
from dataclasses import dataclass

from controller.sandbox.forge import Forge
from controller.sandbox.nouns import Repository, Status
from controller.sandbox.pages.phrases import counted
from controller.sandbox.render.commits import verdict
from controller.sandbox.render.pulls import latest

_ORDER = ("error", "failure", "pending", "success")
_WORDS = {"error": "failing", "failure": "failing", "pending": "pending", "success": "successful"}
_HEADLINES = {
    "failure": "Some checks were not successful",
    "pending": "Some checks have not completed yet",
    "success": "All checks have passed",
}


@dataclass(frozen=True, slots=True)
class Checks:
    """The newest status of each context of a commit, the worst first; `state` is what they come to, None without any."""

    sha: str
    statuses: tuple[Status, ...]
    state: str | None

    @property
    def headline(self) -> str:
        """What they come to, as GitHub says it."""
        return _HEADLINES[self.state] if self.state else "No checks yet"

    @property
    def summary(self) -> str:
        """How many there are of each."""
        counts = Counter(_WORDS[one.state] for one in self.statuses)
        parts = [f"{number} {word}" for word, number in counts.items()]
        last = parts[-1].split()[0] if parts else "0"
        return ", ".join(parts) + (" check" if last == "1" else " checks")

    @property
    def passed(self) -> str:
        """How many succeeded: `2 / 3`."""
        good = sum(one.state == "success" for one in self.statuses)
        return f"{good} / {counted(len(self.statuses), 'check')} passed"


def checks(forge: Forge, repository: Repository, sha: str) -> Checks:
    """What statuses say of a commit."""
    found = latest(forge.statuses.of((repository.id, sha)))
    ordered = sorted(found, key=lambda one: (_ORDER.index(one.state), one.context))
    return Checks(sha, tuple(ordered), verdict(found) if found else None)
