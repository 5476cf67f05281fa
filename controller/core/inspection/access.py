"""Access: what an environment says of credentials, state and approvers, and would be sorry for.

https://developer.hashicorp.com/terraform/language/backend
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.document import Document, Loc
from controller.core.environment import OURS, OURS_PREFIX, EnvironmentFormat, StateBackend
from controller.core.rejection import Rejection

_TERRAFORMS = ("TF_VAR_", "TF_HTTP_", "TF_TOKEN_", "TF_REGISTRY_")
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "s3": ("bucket",),
    "gcs": ("bucket",),
    "azurerm": ("storage_account_name", "container_name"),
    "oci": ("bucket", "namespace"),
}
_S3_LOCKS = ("use_lockfile", "dynamodb_table")
_SECRET = re.compile(
    r"(^|_)(password|secret|secret_key|secret_access_key|session_token|access_token|token|client_secret|client_key"
    r"|private_key|sas_token)$",
    re.IGNORECASE,
)


def access_mistakes(document: Document, environment: EnvironmentFormat) -> Iterator[Rejection]:
    """What cannot work, or lies open, in `credentials`, `providers`, `state` and `approvals`."""
    yield from _credentials(document, environment)
    yield from _open_secrets(document, ("providers",), environment.providers)
    yield from _open_secrets(document, ("state", "config"), environment.state.config)
    for name in _NEEDED.get(environment.state.type, ()):
        if name not in environment.state.config:
            problem = f"the backend `{environment.state.type}` needs `{name}`"
            yield document.reject(("state",), problem, f"Add it: `config: {{{name}: …}}`.")
    yield from _unlocked(document, environment.state)
    rule = environment.approvals
    is_list_of_people = all(one.startswith("@") and "/" not in one for one in rule.approvers)
    if is_list_of_people and rule.required > len(set(rule.approvers)):
        problem = f"{rule.required} approvals are required, and `from` names {len(set(rule.approvers))}"
        yield document.reject(("approvals", "required"), problem, "Require fewer, or name a team.")


def _unlocked(document: Document, state: StateBackend) -> Iterator[Rejection]:
    """A state that Terraform does not lock may be written by the Terraform of a dead worker, and by that of the next one."""
    if state.type == "s3" and not any(state.config.get(name) for name in _S3_LOCKS):
        problem = "the backend `s3` locks no state unless it is told to, and two runs could write one at once"
        yield document.reject(("state",), problem, "Add it: `config: {use_lockfile: true}`.")


def _credentials(document: Document, environment: EnvironmentFormat) -> Iterator[Rejection]:
    names: list[tuple[Loc, str]] = [
        (("credentials", "pass_env", index), name)
        for index, name in enumerate(environment.credentials.pass_env)
    ]
    names += [(("credentials", "plan_env", name), name) for name in environment.credentials.plan_env]
    for loc, name in names:
        if name.startswith("TF_") and not name.startswith(_TERRAFORMS):
            problem = f"`{name}` changes how Terraform works, and is the controller's to set"
            yield document.reject(
                loc, problem, f"Delete it; of `TF_…` only {_any_of(_TERRAFORMS)} are passed on."
            )
        elif name in OURS or name.startswith(OURS_PREFIX):
            yield document.reject(loc, f"`{name}` is the controller's own", "Delete it.")
    yield from _open_secrets(document, ("credentials", "plan_env"), environment.credentials.plan_env)


def _any_of(prefixes: tuple[str, ...]) -> str:
    return ", ".join(f"`{prefix}…`" for prefix in prefixes)


def _open_secrets(document: Document, loc: Loc, settings: Mapping[str, Any]) -> Iterator[Rejection]:
    """Secrets that everybody reads who reads the repository."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _open_secrets(document, (*loc, name), value)
        elif _SECRET.search(name) and isinstance(value, str) and value:
            way_out = (
                "Take it out of the file and exchange it; hand it to the worker, and name it in `pass_env`."
            )
            yield document.reject((*loc, name), f"`{name}` is a secret, and lies open here", way_out)
