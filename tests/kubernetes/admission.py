"""What an API server refuses, and what it fills in, for the kinds of objects that the module makes.

Each rule is that of the object's reference page, https://kubernetes.io/docs/reference/kubernetes-api/.
"""

import re
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from tests.kubernetes.quantity import canonical, parse

Object = dict[str, Any]
RBAC = "rbac.authorization.k8s.io"
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
DOMAIN = re.compile(rf"(?=.{{1,253}}/){LABEL.pattern}([.]{LABEL.pattern})*/")
WORD = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
QUOTAS = (
    "requests.", "limits.", "cpu", "memory", "pods", "services", "count/", "configmaps", "secrets", "persistentvolumeclaims",
)  # fmt: skip
"""How the names begin of what may be limited, https://kubernetes.io/docs/concepts/policy/resource-quotas/."""

LIMITS = ("min", "defaultRequest", "default", "max")
"""What a limit range says of one resource, in the order in which it must not fall."""


class Invalid(ValueError):
    """A field that an API server refuses, and why."""


def admit(kind: str, wanted: Object) -> Object:
    """An object as it would be stored.

    Raises:
        Invalid: it would not be.
    """
    _check_metadata(wanted.get("metadata", {}))
    return ADMISSIONS[kind](wanted)


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    name = metadata.get("name", "")
    if not LABEL.fullmatch(name):
        raise Invalid(f'metadata.name: Invalid value: "{name}": must be an RFC 1123 label')
    for field in ("labels", "annotations"):
        for key, value in metadata.get(field, {}).items():
            _check_key(field, key)
            if field == "labels" and value and not WORD.fullmatch(value):
                raise Invalid(f'metadata.labels: Invalid value: "{value}": must be a valid label value')


def _check_key(field: str, key: str) -> None:
    word = key.rpartition("/")[2]
    domain = key.removesuffix(word)
    if not WORD.fullmatch(word) or (domain and not DOMAIN.fullmatch(domain)):
        raise Invalid(f'metadata.{field}: Invalid value: "{key}": must be a qualified name')


def _namespace(wanted: Object) -> Object:
    metadata = wanted["metadata"]
    labels = {**metadata.get("labels", {}), "kubernetes.io/metadata.name": metadata["name"]}
    return {**wanted, "metadata": {**metadata, "labels": labels}, "status": {"phase": "Active"}}


def _quota(wanted: Object) -> Object:
    spec = wanted.get("spec", {})
    hard = _quantities("spec.hard", spec.get("hard", {}))
    for name, amount in hard.items():
        if not name.startswith(QUOTAS):
            raise Invalid(f'spec.hard: Invalid value: "{name}": must be a standard resource for quota')
        if amount.startswith("-"):
            raise Invalid(f'spec.hard[{name}]: Invalid value: "{amount}": must be greater than or equal to 0')
    return {**wanted, "spec": {**spec, "hard": hard}}


def _limit_range(wanted: Object) -> Object:
    limits = [_limit(item) for item in wanted.get("spec", {}).get("limits", ())]
    return {**wanted, "spec": {"limits": limits}}


def _limit(item: Object) -> Object:
    """One item; of a container the default limit is the greatest, and the default request the default limit."""
    if item.get("type") not in ("Container", "Pod", "PersistentVolumeClaim"):
        raise Invalid(f'spec.limits.type: Invalid value: "{item.get("type", "")}"')
    stored = {name: _quantities(f"spec.limits.{name}", item[name]) for name in LIMITS if name in item}
    if item["type"] == "Container":
        stored.setdefault("default", stored.get("max", {}))
        stored.setdefault("defaultRequest", stored["default"])
    _check_order(stored)
    return {"type": item["type"], **{name: limits for name, limits in stored.items() if limits}}


def _check_order(stored: Mapping[str, Mapping[str, str]]) -> None:
    for lower, upper in combinations(LIMITS, 2):
        for name, amount in stored.get(lower, {}).items():
            if parse(amount) > parse(stored.get(upper, {}).get(name, amount)):
                raise Invalid(f'spec.limits.{lower}[{name}]: Invalid value: "{amount}": more than {upper}')


def _quantities(field: str, written: Mapping[str, str]) -> dict[str, str]:
    try:
        return {name: canonical(str(amount)) for name, amount in written.items()}
    except ValueError as error:
        raise Invalid(f"{field}: Invalid value: {error}") from error


def _network_policy(wanted: Object) -> Object:
    spec = wanted["spec"]
    if "podSelector" not in spec:
        raise Invalid("spec.podSelector: Required value")
    if not set(spec["policyTypes"]) <= {"Ingress", "Egress"}:
        raise Invalid(f"spec.policyTypes: Unsupported value: {spec['policyTypes']}")
    for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
        for port in rule.get("ports", ()):
            if port["protocol"] not in ("TCP", "UDP", "SCTP") or not 0 < int(port["port"]) < 65_536:
                raise Invalid(f"spec.ports: Invalid value: {port}")
    return {**wanted, "metadata": {**wanted["metadata"], "generation": 1}}


def _role_binding(wanted: Object) -> Object:
    role = wanted["roleRef"]
    if role["apiGroup"] != RBAC or role["kind"] not in ("Role", "ClusterRole") or not role["name"]:
        raise Invalid(f"roleRef: Unsupported value: {role}")
    return {**wanted, "subjects": [_subject(subject) for subject in wanted["subjects"]]}


def _subject(subject: Object) -> Object:
    is_account = subject["kind"] == "ServiceAccount"
    if subject["kind"] not in ("User", "Group", "ServiceAccount") or not subject["name"]:
        raise Invalid(f"subjects.kind: Unsupported value: {subject}")
    stored = {"apiGroup": "" if is_account else RBAC, **subject}
    if stored["apiGroup"] != ("" if is_account else RBAC):
        raise Invalid(f"subjects.apiGroup: Unsupported value: {subject}")
    return stored


ADMISSIONS: Mapping[str, Callable[[Object], Object]] = {
    "Namespace": _namespace,
    "ResourceQuota": _quota,
    "LimitRange": _limit_range,
    "NetworkPolicy": _network_policy,
    "RoleBinding": _role_binding,
}
"""What is done with an object of each kind; other kinds are not known here."""
