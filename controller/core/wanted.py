"""Wanted: what one tree of the configuration repository asks for, read and rendered."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.core.catalogue import Catalogue
from controller.core.identity import RequestId
from controller.core.request import Blob, Request
from controller.core.requests import Requests, read_requests
from controller.core.workspace import Workspace, render


@dataclass(frozen=True)
class Wanted:
    """The requests of one tree, and the workspace of each accepted one."""

    blobs: Mapping[str, Blob]
    catalogue: Catalogue
    requests: Requests
    workspaces: Mapping[RequestId, Workspace]


def read_wanted(
    blobs: Mapping[str, Blob],
    catalogue: Catalogue,
    skeletons: Mapping[str, str],
    known: Wanted | None = None,
) -> Wanted:
    """Read the files under `requests/` against a catalogue, and render what is accepted.

    `known` is another tree, read with this very catalogue and these skeletons: what both have is not read again, since
    nothing else goes into a request or its workspace.
    """
    requests = read_requests(blobs, catalogue, _unchanged(known, blobs) if known else {})
    rendered = known.workspaces if known else {}
    workspaces = {
        identity: _rendered(rendered.get(identity), request)
        or render(
            request, catalogue.kinds[identity.kind], catalogue.environments[identity.environment], skeletons
        )
        for identity, request in requests.accepted.items()
    }
    return Wanted(blobs, catalogue, requests, workspaces)


def _unchanged(known: Wanted, blobs: Mapping[str, Blob]) -> Mapping[str, Request]:
    """The accepted requests of another tree whose files are the same here, by path."""
    accepted = {request.path: request for request in known.requests.accepted.values()}
    return {
        path: request
        for path, request in accepted.items()
        if path in blobs and _same(blobs[path]) == _same(known.blobs[path])
    }


def _rendered(workspace: Workspace | None, request: Request) -> Workspace | None:
    return workspace if workspace is not None and workspace.request is request else None


def changed_paths(before: Mapping[str, Blob], after: Mapping[str, Blob]) -> frozenset[str]:
    """Paths whose blob is not the same on both sides; no rename is guessed."""
    paths = before.keys() | after.keys()
    return frozenset(path for path in paths if _same(before.get(path)) != _same(after.get(path)))


def _same(blob: Blob | None) -> tuple[str, str] | None:
    return (blob.mode, blob.sha) if blob else None
