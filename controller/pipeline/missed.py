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
    for number in sorted(looked_at.keys() | open_now.keys() | unseen):
        before, now = looked_at.get(number), open_now.get(number)
        if before is None or now is None or _is_old(before, now, seen):
            yield plan_pull(number)


def _is_old(before: Proposal, now: Pull, seen: Look | None) -> bool:
    if (before.pull.head, before.pull.draft) != (now.head, now.draft):
        return True
    return seen is not None and _is_concerned(before, seen)


def _is_concerned(proposal: Proposal, seen: Look) -> bool:
    """Whether the default branch moved in a way that concerns a pull: its mistakes, its requests, or the catalogue."""
    if not proposal.touches_requests or proposal.tip == seen.tip:
        return False
    if seen.rewritten or any(path.startswith(f"{catalogues.FOLDER}/") for path in seen.moved):
        return True
    if proposal.rejections or proposal.conflicts:
        return bool(seen.moved)
    requests = seen.wanted.requests
    identities = {request.id for request in requests.accepted.values() if request.path in seen.moved}
    identities |= {identity for path, identity in requests.claimed.items() if path in seen.moved}
    return any(
        change.request.path in seen.moved or change.request.id in identities for change in proposal.changes
    )
