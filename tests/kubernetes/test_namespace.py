"""A namespace from its request to its end, by the code path that workers use."""

import pytest

from controller.core.kind import read_kind
from controller.core.verdict import Risk, judge
from controller.core.wish import Release
from tests.kubernetes.world import ENVIRONMENT, MODULE, REHEARSAL

pytestmark = pytest.mark.edge

PATH = "requests/search/space.yaml"
KIND = read_kind("k8s_namespace", "module", {"kind.yaml": (MODULE / "kind.yaml").read_bytes()})
KINDS = ("ResourceQuota", "LimitRange", "NetworkPolicy", "RoleBinding")


def ask(name, parameters=""):
    return f"kind: k8s_namespace\nname: {name}\nenvironment: rehearsal\nparameters: {{{parameters}}}\n"


def inside(cluster, namespace):
    """What there is in a namespace, by kind and name."""
    return {
        kind: {found["metadata"]["name"]: found for found in cluster.list(kind, namespace)} for kind in KINDS
    }


def test_a_namespace_is_made_changed_in_place_left_alone_and_destroyed(world, cluster, name):
    space = f"rehearsal-{name}"
    world.bring_at_once({PATH: ask(name, "quota: none, limit_range: false, labels: {cost-centre: '4711'}")})
    made = cluster.find("Namespace", "", space)
    there = inside(cluster, space)

    assert world.words(name) == ["apply:applied"]
    assert world.last(name).state.outcome.outputs == {"namespace": space, "group": "acme:search"}
    assert (
        made["metadata"]["labels"].items()
        >= {
            "cost-centre": "4711",
            "ManagedBy": "infrautomater",
            "RequestId": f"rehearsal.k8s_namespace.{name}",
            "TeamId": "search",
            "pod-security.kubernetes.io/enforce": "baseline",
        }.items()
    )
    assert there["RoleBinding"]["team"]["roleRef"]["name"] == "edit"
    assert [subject["name"] for subject in there["RoleBinding"]["team"]["subjects"]] == ["acme:search"]
    assert not there["ResourceQuota"] and not there["LimitRange"] and not there["NetworkPolicy"]

    world.bring({PATH: ask(name, "quota: medium, default_deny: all, annotations: {note: hello}")})
    changed = cluster.find("Namespace", "", space)
    there = inside(cluster, space)

    assert world.words(name) == ["apply:applied"] * 2
    assert changed["metadata"]["uid"] == made["metadata"]["uid"]
    assert changed["metadata"]["annotations"]["note"] == "hello"
    assert "cost-centre" not in changed["metadata"]["labels"]
    assert there["ResourceQuota"]["quota"]["spec"]["hard"] == {
        "requests.cpu": "8",
        "requests.memory": "16Gi",
        "limits.cpu": "16",
        "limits.memory": "32Gi",
        "pods": "50",
        "services": "20",
    }
    (limit,) = there["LimitRange"]["defaults"]["spec"]["limits"]
    assert limit["defaultRequest"] == {"cpu": "100m", "memory": "128Mi"}
    policy = there["NetworkPolicy"]["default-deny"]["spec"]
    assert policy["podSelector"] == {} and sorted(policy["policyTypes"]) == ["Egress", "Ingress"]
    assert "ingress" not in policy and [str(port["port"]) for port in policy["egress"][0]["ports"]] == [
        "53",
        "53",
    ]

    world.touch()

    assert world.words(name) == ["apply:applied"] * 3
    assert world.last(name).state.outcome.changed == 0

    world.bring({PATH: None})

    assert world.words(name)[-1] == "destroy:destroyed"
    assert cluster.find("Namespace", "", space) is None
    assert not any(inside(cluster, space).values())


def test_a_group_s_other_role_is_another_binding_and_no_risk(world, cluster, name):
    world.bring_at_once({PATH: ask(name)})
    world.bring({ENVIRONMENT: REHEARSAL.replace("values: {", "values: {team_role: view, ")})
    held = world.last(name)

    assert [(each.address.split(".")[2], each.action) for each in held.state.plan.resources] == [
        ("kubernetes_role_binding_v1", "replace")
    ]
    assert judge(held.state.plan, KIND).risk is Risk.LOW

    world.resolve(held.id, Release("pam", "our roles changed"))

    assert cluster.find("RoleBinding", f"rehearsal-{name}", "team")["roleRef"]["name"] == "view"


def test_a_name_that_the_cluster_has_from_elsewhere_is_told_with_a_way_out(world, cluster, name):
    cluster.create("Namespace", {"metadata": {"name": f"rehearsal-{name}"}})
    pull = world.bring_at_once({PATH: ask(name)})

    assert world.words(name) == ["apply:failed"]
    assert "Choose another name" in world.result(pull)
    assert "ManagedBy" not in cluster.find("Namespace", "", f"rehearsal-{name}")["metadata"].get("labels", {})


def test_a_label_that_steers_a_mesh_fails_at_the_plan_and_says_whose_it_is(world, name):
    pull = world.pull({PATH: ask(name, "labels: {istio-injection: disabled}")})
    world.work()

    assert "belong to the platform" in world.plan_comment(pull)
