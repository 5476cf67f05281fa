"""Which pulls must be looked at (again): webhooks are hints, and the default branch moves under open pulls."""

from collections.abc import Iterable, Iterator, Mapping

from controller.core import catalogue as catalogues
from controller.core.call import Call, plan_pull
from controller.core.proposal import Proposal
from controller.core.pull import Pull
from controller.pipeline.origin import Look
from controller.ports import Ports


def pulls_to_look_at(
    ports: Ports, open_now: Mapping[int, Pull], seen: Look | None, merged: Iterable[int]
) -> Iterator[Call]:
    """Open pulls that nobody looked at as they are now, and merged or closed ones that we believe open or never saw."""
    looked_at = {proposal.pull.number: proposal for proposal in ports.views.proposals()}
    unseen = {number for number in merged if ports.views.proposal(number) is None}
    moved = _Moved(ports, seen) if seen is not None else None
    for number in sorted(looked_at.keys() | open_now.keys() | unseen):
        before, now = looked_at.get(number), open_now.get(number)
        if before is None or now is None or _is_old(before, now, moved):
            yield plan_pull(number)


def _is_old(before: Proposal, now: Pull, moved: "_Moved | None") -> bool:
    if (before.pull.head, before.pull.draft) != (now.head, now.draft):
        return True
    return moved is not None and moved.concerns(before)


class _Moved:
    """How the default branch moved since a pull was looked at; measured from there, so that no lost call is forgotten."""

    def __init__(self, ports: Ports, seen: Look) -> None:
        self._ports = ports
        self._seen = seen
        self._paths: dict[str, frozenset[str] | None] = {seen.tip: frozenset()}

    def concerns(self, proposal: Proposal) -> bool:
        """Whether it moved in a way that concerns a pull: its mistakes, its requests, or the catalogue."""
        paths = self._since(proposal.tip)
        if not proposal.touches_requests or paths == frozenset():
            return False
        if paths is None or any(path.startswith(f"{catalogues.FOLDER}/") for path in paths):
            return True
        if proposal.rejections or proposal.conflicts:
            return True
        requests = self._seen.wanted.requests
        identities = {request.id for request in requests.accepted.values() if request.path in paths}
        identities |= {identity for path, identity in requests.claimed.items() if path in paths}
        return any(
            change.request.path in paths or change.request.id in identities for change in proposal.changes
        )

    def _since(self, tip: str) -> frozenset[str] | None:
        """The paths that changed since a former tip; None where the history was rewritten."""
        if tip not in self._paths:
            commits = self._ports.git.first_parents(tip, self._seen.tip)
            line = None if commits is None else frozenset(path for commit in commits for path in commit.paths)
            self._paths[tip] = line
        return self._paths[tip]
