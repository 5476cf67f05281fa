"""Requests: all files under `requests/` of one tree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from controller.core.catalogue import Catalogue
from controller.core.document import read_document
from controller.core.identity import RequestId
from controller.core.naming import resource_name
from controller.core.rejection import Rejection
from controller.core.request import Blob, Request, read_request

FOLDER = "requests"


@dataclass(frozen=True)
class Requests:
    """All files under `requests/` of one tree: accepted by identity, refused by path.

    `claimed` has the identity that a refused file would have had, where so much of it could be read.
    """

    accepted: Mapping[RequestId, Request] = field(default_factory=dict)
    refused: Mapping[str, tuple[Rejection, ...]] = field(default_factory=dict)
    claimed: Mapping[str, RequestId] = field(default_factory=dict)


def read_requests(
    blobs: Mapping[str, Blob], catalogue: Catalogue, known: Mapping[str, Request] | None = None
) -> Requests:
    """Read every file under `requests/` (path from the top → blob); one bad file spoils no other.

    `known` has what some of these very files ask for, by path, where this catalogue has read them before.
    """
    read: dict[str, Request] = {}
    refused: dict[str, tuple[Rejection, ...]] = {}
    claimed: dict[str, RequestId] = {}
    for path, blob in sorted(blobs.items()):
        if _is_ignored(path):
            continue
        request = (known or {}).get(path) or read_request(path, blob, catalogue)
        if isinstance(request, Request):
            read[path] = request
            continue
        refused[path] = request
        identity = _claim(path, blob)
        if identity is not None:
            claimed[path] = identity
    clashes = _clashes(read)
    claimed |= {path: read[path].id for path in clashes}
    accepted = {request.id: request for path, request in read.items() if path not in clashes}
    return Requests(accepted, {**refused, **clashes}, claimed)


def _is_ignored(path: str) -> bool:
    file = path.rsplit("/", 1)[-1]
    return file.endswith(".md") or file.startswith(".")


def _claim(path: str, blob: Blob) -> RequestId | None:
    """The identity that a refused file seems to mean."""
    document = read_document(path, blob.content)
    if isinstance(document, Rejection) or not isinstance(document.value, dict):
        return None
    parts = [document.value.get(part) for part in ("environment", "kind", "name")]
    texts = [part for part in parts if isinstance(part, str)]
    return RequestId(*texts) if len(texts) == 3 else None


def _clashes(read: Mapping[str, Request]) -> Mapping[str, tuple[Rejection, ...]]:
    """Every file whose identity another file has too, or whose objects would be called like another's."""
    paths: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for path, request in read.items():
        paths[request.id.kind, resource_name(request.id)].append(path)
    return {
        path: (_clash(read[path], [read[twin] for twin in twins if twin != path]),)
        for twins in paths.values()
        for path in (twins if len(twins) > 1 else ())
    }


def _clash(request: Request, twins: Sequence[Request]) -> Rejection:
    others = ", ".join(f"`{twin.path}`" for twin in twins)
    problem = f"`{request.id}` is also asked for in {others}"
    if all(twin.id != request.id for twin in twins):
        problem = f"it would be called `{resource_name(request.id)}` in the cloud, and so would {others}"
    way_out = "Choose another name, or delete one file."
    return Rejection(request.path, *request.named, "name", problem, way_out)
