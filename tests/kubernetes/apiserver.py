"""A stand-in for a cluster's API server: objects in a JSON file, taken and refused as the real one would."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.kubernetes.admission import Invalid, Object, admit

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


class Refused(Exception):
    """What the API server answers where it does not do what it is asked."""


class ApiServer:
    """The objects of one cluster, by kind, namespace and name.

    Args:
        path: the JSON file; it is what a kubeconfig is to the real thing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def start(self) -> "ApiServer":
        """Make the file, with the namespaces that every cluster has."""
        self._path.write_text(json.dumps({"revision": 0, "objects": {}}))
        for name in NAMESPACES:
            self.create("Namespace", {"metadata": {"name": name}})
        return self

    def find(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object, None where there is none."""
        with self._opened() as cluster:
            return cluster["objects"].get(_key(kind, namespace, name))

    def list(self, kind: str, namespace: str = "") -> list[Object]:
        """The objects of a kind."""
        with self._opened() as cluster:
            return [
                found
                for key, found in cluster["objects"].items()
                if key.startswith(_key(kind, namespace, ""))
            ]

    def create(self, kind: str, wanted: Object) -> Object:
        """Store a new object; what is stored."""
        with self._opened() as cluster:
            namespace, name = _place(kind, wanted)
            if kind != "Namespace" and _key("Namespace", "", namespace) not in cluster["objects"]:
                raise Refused(f'namespaces "{namespace}" not found')
            if _key(kind, namespace, name) in cluster["objects"]:
                raise Refused(f'{kind.lower()}s "{name}" already exists')
            return _store(cluster, kind, wanted, {"uid": str(uuid4())})

    def update(self, kind: str, wanted: Object) -> Object:
        """Store what becomes of an object; what is stored."""
        with self._opened() as cluster:
            former = self._there(cluster, kind, *_place(kind, wanted))
            if former.get("roleRef") != wanted.get("roleRef"):
                raise Refused("roleRef: Invalid value: cannot change roleRef")
            return _store(cluster, kind, wanted, {"uid": former["metadata"]["uid"]})

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object, and with a namespace everything in it."""
        with self._opened() as cluster:
            self._there(cluster, kind, namespace, name)
            if kind == "Namespace" and name in NAMESPACES:
                raise Refused(f'namespaces "{name}" is forbidden: this namespace may not be deleted')
            gone = {_key(kind, namespace, name)}
            if kind == "Namespace":
                gone |= {key for key in cluster["objects"] if key.split("/")[1] == name}
            cluster["objects"] = {key: kept for key, kept in cluster["objects"].items() if key not in gone}

    def _there(self, cluster: dict[str, Any], kind: str, namespace: str, name: str) -> Object:
        found = cluster["objects"].get(_key(kind, namespace, name))
        if found is None:
            raise Refused(f'{kind.lower()}s "{name}" not found')
        return found

    @contextlib.contextmanager
    def _opened(self) -> Iterator[dict[str, Any]]:
        """The whole cluster, for us alone; what was done to it is kept unless it was refused."""
        with self._path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            before = file.read()
            cluster = json.loads(before)
            yield cluster
            after = json.dumps(cluster, indent=1, sort_keys=True)
            if after != before:
                file.seek(0)
                file.truncate()
                file.write(after)


def _store(cluster: dict[str, Any], kind: str, wanted: Object, facts: Object) -> Object:
    try:
        stored = admit(kind, wanted)
    except Invalid as invalid:
        name = wanted.get("metadata", {}).get("name", "")
        raise Refused(f'{kind} "{name}" is invalid: {invalid}') from invalid
    cluster["revision"] += 1
    stored["metadata"] = {**stored["metadata"], **facts, "resourceVersion": str(cluster["revision"])}
    cluster["objects"][_key(kind, *_place(kind, wanted))] = stored
    return stored


def _place(kind: str, wanted: Object) -> tuple[str, str]:
    metadata = wanted.get("metadata", {})
    return "" if kind == "Namespace" else metadata.get("namespace", "default"), metadata.get("name", "")


def _key(kind: str, namespace: str, name: str) -> str:
    return f"{kind}/{namespace}/{name}"
