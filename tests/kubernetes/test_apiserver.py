"""The stand-in for a cluster is as strict as an API server, or nothing would be shown by a module that passes it."""

import pytest

from tests.kubernetes.apiserver import ApiServer, Refused
from tests.kubernetes.quantity import canonical

RBAC = "rbac.authorization.k8s.io"
ROLE = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "edit"}
TEAM = [{"apiGroup": RBAC, "kind": "Group", "name": "acme:search"}]
POLICY = {"podSelector": {}, "policyTypes": ["Ingress"]}


@pytest.fixture
def cluster(tmp_path):
    """A cluster with one namespace."""
    cluster = ApiServer(tmp_path / "cluster.json").start()
    cluster.create("Namespace", {"metadata": {"name": "here"}})
    return cluster


def placed(namespace="here", name="it", **parts):
    return {"metadata": {"name": name, "namespace": namespace}, **parts}


def test_a_namespace_gets_a_name_tag_an_identity_and_a_version(cluster):
    found = cluster.find("Namespace", "", "here")["metadata"]

    assert found["labels"] == {"kubernetes.io/metadata.name": "here"}
    assert found["uid"] and found["resourceVersion"]


def test_what_is_changed_keeps_its_identity_and_gets_another_version(cluster):
    before = cluster.create("ResourceQuota", placed(spec={"hard": {"pods": "1"}}))["metadata"]
    after = cluster.update("ResourceQuota", placed(spec={"hard": {"pods": "2"}}))["metadata"]

    assert after["uid"] == before["uid"] and after["resourceVersion"] != before["resourceVersion"]


def test_with_a_namespace_goes_what_is_in_it(cluster):
    cluster.create("ResourceQuota", placed(spec={"hard": {"pods": "1"}}))
    cluster.delete("Namespace", "", "here")

    assert cluster.list("ResourceQuota", "here") == []
    with pytest.raises(Refused, match="not found"):
        cluster.delete("Namespace", "", "here")


def test_what_is_not_written_gets_the_server_s_defaults(cluster):
    cluster.create("LimitRange", placed(spec={"limits": [{"type": "Container", "max": {"cpu": "1000m"}}]}))
    cluster.create("RoleBinding", placed(roleRef=ROLE, subjects=[{"kind": "Group", "name": "acme:search"}]))

    (limit,) = cluster.find("LimitRange", "here", "it")["spec"]["limits"]
    assert limit == {
        "type": "Container",
        "max": {"cpu": "1"},
        "default": {"cpu": "1"},
        "defaultRequest": {"cpu": "1"},
    }
    assert cluster.find("RoleBinding", "here", "it")["subjects"][0]["apiGroup"] == RBAC


@pytest.mark.parametrize(
    ("kind", "wanted", "said"),
    [
        ("Namespace", {"metadata": {"name": "here"}}, "already exists"),
        ("Namespace", {"metadata": {"name": "Here"}}, "RFC 1123"),
        ("Namespace", {"metadata": {"name": "x" * 64}}, "RFC 1123"),
        ("Namespace", {"metadata": {"name": "it", "labels": {"a key": "b"}}}, "qualified name"),
        ("Namespace", {"metadata": {"name": "it", "labels": {"/a": "b"}}}, "qualified name"),
        ("Namespace", {"metadata": {"name": "it", "labels": {"a": "no value"}}}, "valid label value"),
        ("Namespace", {"metadata": {"name": "it", "annotations": {"a/b/c": "b"}}}, "qualified name"),
        ("ResourceQuota", placed("there", spec={"hard": {"pods": "1"}}), 'namespaces "there" not found'),
        ("ResourceQuota", placed(spec={"hard": {"pods": "many"}}), "quantities must match"),
        ("ResourceQuota", placed(spec={"hard": {"limits.memory": "4GB"}}), "quantities must match"),
        ("ResourceQuota", placed(spec={"hard": {"pods": "-1"}}), "greater than or equal to 0"),
        ("ResourceQuota", placed(spec={"hard": {"beds": "1"}}), "standard resource"),
        ("LimitRange", placed(spec={"limits": [{"type": "Box"}]}), "spec.limits.type"),
        ("LimitRange", placed(spec={"limits": [{"type": "Container", "defaultRequest": {"cpu": "2"}, "default": {"cpu": "1"}}]}), "more than default"),
        ("NetworkPolicy", placed(spec={"policyTypes": ["Ingress"]}), "podSelector"),
        ("NetworkPolicy", placed(spec={**POLICY, "policyTypes": ["Inward"]}), "policyTypes"),
        ("NetworkPolicy", placed(spec={**POLICY, "egress": [{"ports": [{"port": "0", "protocol": "TCP"}]}]}), "ports"),
        ("RoleBinding", placed(roleRef={**ROLE, "apiGroup": ""}, subjects=TEAM), "roleRef"),
        ("RoleBinding", placed(roleRef=ROLE, subjects=[{"kind": "Team", "name": "x"}]), "subjects.kind"),
        ("RoleBinding", placed(roleRef=ROLE, subjects=[{**TEAM[0], "apiGroup": "v1"}]), "subjects.apiGroup"),
    ],
)  # fmt: skip
def test_what_an_api_server_refuses_is_refused_and_leaves_no_trace(cluster, kind, wanted, said):
    before = cluster.list(kind)
    with pytest.raises(Refused, match=said):
        cluster.create(kind, wanted)

    assert cluster.list(kind) == before


def test_a_binding_s_role_stays_what_it_is(cluster):
    cluster.create("RoleBinding", placed(roleRef=ROLE, subjects=TEAM))
    with pytest.raises(Refused, match="cannot change roleRef"):
        cluster.update("RoleBinding", placed(roleRef={**ROLE, "name": "view"}, subjects=TEAM))


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("1024Mi", "1Gi"), ("0.5Gi", "512Mi"), ("4Gi", "4Gi"), ("2000m", "2"), ("1.5", "1500m"), ("100m", "100m"),
        ("1e3", "1k"), ("0", "0"), ("-1", "-1"), ("1000k", "1M"),
    ],
)  # fmt: skip
def test_a_quantity_comes_back_in_one_form_only(written, stored):
    assert canonical(written) == stored
