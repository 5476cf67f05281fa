"""A stand-in for the Terraform provider hashicorp/kubernetes, for where its program cannot be had. Test code.

Its schema is the real one's (`schema.json`); its cluster is a JSON file, named as a kubeconfig is. Of the real provider it
keeps what a plan shows: what it fills in, what it hides, and what cannot be changed in place
(https://github.com/hashicorp/terraform-provider-kubernetes, `kubernetes/schema_metadata.go` and `structures.go`).
"""

import os
from pathlib import Path

import tf.provider
from tf.gen import tfplugin_pb2 as protocol
from tf.iface import Provider, Resource
from tf.runner import run_provider
from tf.utils import _to_attribute_path, read_dynamic_value, to_dynamic_value

from tests.kubernetes.apiserver import ApiServer, Refused
from tests.kubernetes.planning import State, known, plan, unchangeable
from tests.kubernetes.shapes import PUBLISHED, RESOURCES, api_block, framework_schema, to_object, to_state

KINDS = {
    "kubernetes_namespace_v1": "Namespace",
    "kubernetes_resource_quota_v1": "ResourceQuota",
    "kubernetes_limit_range_v1": "LimitRange",
    "kubernetes_network_policy_v1": "NetworkPolicy",
    "kubernetes_role_binding_v1": "RoleBinding",
}
PREFIX = "kubernetes_"
APPLICATIONS = ("app.kubernetes.io", "service.beta.kubernetes.io")
"""Domains of Kubernetes' own that are for applications all the same."""


class StandIn(Provider):
    """The provider; `cluster` is there once it is configured."""

    cluster = None

    def get_model_prefix(self):
        return PREFIX

    def full_name(self):
        return "registry.terraform.io/hashicorp/kubernetes"

    def get_provider_schema(self, diags):
        return framework_schema(PUBLISHED["provider"]["block"])

    def validate_config(self, diags, config):
        """Everything that the schema allows."""

    def configure_provider(self, diags, config):
        path = Path(config["config_path"] or os.environ.get("KUBE_CONFIG_PATH", "absent"))
        if not path.is_file():
            diags.add_error(
                "invalid configuration: no configuration has been provided, try setting KUBE_CONFIG_PATH"
            )
        self.cluster = ApiServer(path)

    def get_data_sources(self):
        return []

    def get_resources(self):
        return [
            type(kind, (ClusterObject,), {"type_name": name, "kind": kind}) for name, kind in KINDS.items()
        ]


class ClusterObject(Resource):
    """A resource that is one object of the cluster."""

    type_name: str
    kind: str

    def __init__(self, provider):
        self.cluster = provider.cluster

    @classmethod
    def get_name(cls):
        return cls.type_name.removeprefix(PREFIX)

    @classmethod
    def get_schema(cls):
        return framework_schema(RESOURCES[cls.type_name]["block"])

    def create(self, ctx, planned):
        return self._try(ctx, self.cluster.create, planned, None)

    def update(self, ctx, current, planned):
        return self._try(ctx, self.cluster.update, planned, current)

    def read(self, ctx, current):
        found = self.cluster.find(self.kind, *_place(current["id"]))
        return found and self._state(found, current)

    def delete(self, ctx, current):
        try:
            self.cluster.delete(self.kind, *_place(current["id"]))
        except Refused as refused:
            ctx.diagnostics.add_error(str(refused))
            return current

    def _try(self, ctx, act, planned, otherwise):
        try:
            return self._state(act(self.kind, to_object(api_block(self.type_name), known(planned))), planned)
        except Refused as refused:
            ctx.diagnostics.add_error(str(refused))
            return otherwise

    def _state(self, found, like: State) -> State:
        """A stored object as Terraform has it, without the labels and annotations that the cluster keeps for itself."""
        metadata = dict(found["metadata"])
        for part in ("labels", "annotations"):
            metadata[part] = visible(metadata.get(part, {}), like["metadata"][0][part] or {})
        identity = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
        state = to_state(api_block(self.type_name), {**found, "metadata": metadata})
        return {**like, **state, "id": identity}


class Servicer(tf.provider.ProviderServicer):
    """The framework's, which knows nothing of values that are computed, filled in or unchangeable within blocks."""

    def PlanResourceChange(self, request, context):  # noqa: N802 -- the protocol's name
        prior, proposed = map(read_dynamic_value, (request.prior_state, request.proposed_new_state))
        fixed = unchangeable(request.type_name) if prior else ()
        return protocol.PlanResourceChange.Response(
            planned_state=to_dynamic_value(plan(request.type_name, prior, proposed)),
            requires_replace=map(_to_attribute_path, fixed),
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request, context):  # noqa: N802 -- the protocol's name
        response = super().ApplyResourceChange(request, context)
        response.legacy_type_system = True  # as the real one: it may fill in what no configuration gave
        return response


def visible(stored: dict[str, str], configured: dict[str, str]) -> dict[str, str] | None:
    """Labels or annotations without those that the cluster keeps for itself and no configuration names."""
    return {key: value for key, value in stored.items() if key in configured or not _is_internal(key)} or None


def _is_internal(key: str) -> bool:
    domain = key.rpartition("/")[0]
    return domain.endswith("kubernetes.io") and domain not in APPLICATIONS


def _place(identity: str) -> tuple[str, str]:
    namespace, _, name = identity.rpartition("/")
    return namespace, name


if __name__ == "__main__":
    tf.provider.ProviderServicer = Servicer
    run_provider(StandIn())
