"""The environment that Terraform sees: closed, so that nothing of the worker's leaks into providers and plans.

https://developer.hashicorp.com/terraform/cli/config/environment-variables
"""

from collections.abc import Mapping
from pathlib import Path

from controller.ports import Job

BASE = ("PATH", "HOME", "TMPDIR")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")

GOGC = "400"
"""How much garbage Terraform and its providers gather before they collect it: with the AWS provider a plan takes 13 to
17 % less time than with Go's own 100 (https://pkg.go.dev/runtime#hdr-Environment_Variables). The worker's own value, or
a job's, goes before it.
"""

OPEN = ("TF_VAR_", "TF_HTTP_", "TF_TOKEN_", "TF_REGISTRY_")
"""What an environment file may pass on of Terraform's own: a backend's, a registry's or a variable's values.

Never what changes how Terraform works or what it writes where: TF_LOG (secrets in clear text), TF_CLI_ARGS (any flag),
TF_PLUGIN_CACHE_DIR (not safe for two inits at once), TF_DATA_DIR, TF_WORKSPACE, TF_REATTACH_PROVIDERS …
"""


def base_environment(worker: Mapping[str, str], config: Path | None = None) -> dict[str, str]:
    """What every command gets.

    Args:
        worker: the worker's own environment.
        config: Terraform's CLI configuration; None for none at all, not even the user's.
    """
    return _inherited(worker) | _ours(config)


def job_environment(job: Job, worker: Mapping[str, str], config: Path) -> dict[str, str]:
    """What a job's commands get, its secrets apart; a job's own values win over the worker's, and ours over both."""
    passed = {name: worker[name] for name in job.pass_env if name in worker}
    asked = {name: value for name, value in (passed | dict(job.env)).items() if _is_open(name)}
    return _inherited(worker) | _trust(asked) | _ours(config)


def secret_environment(job: Job) -> dict[str, str]:
    """The values of ephemeral variables: in the environment of the steps that need them, and in no file."""
    return {f"TF_VAR_{name}": value for name, value in job.secrets.items()}


def _inherited(worker: Mapping[str, str]) -> dict[str, str]:
    return {"GOGC": GOGC} | {name: worker[name] for name in (*BASE, "GOGC", *PROXIES) if name in worker}


def _ours(config: Path | None) -> dict[str, str]:
    return {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(config or "/dev/null"),
    }


def _is_open(name: str) -> bool:
    return not name.startswith("TF_") or name.startswith(OPEN)


def _trust(asked: Mapping[str, str]) -> dict[str, str]:
    """Hand AWS_CA_BUNDLE on as SSL_CERT_FILE.

    With AWS_CA_BUNDLE set the AWS provider fails when it is configured a second time; Go's own SSL_CERT_FILE means the
    same to every provider, and to Terraform's downloads (https://pkg.go.dev/crypto/x509#SystemCertPool).
    """
    bundle = asked.get("AWS_CA_BUNDLE")
    rest = {name: value for name, value in asked.items() if name != "AWS_CA_BUNDLE"}
    return {"SSL_CERT_FILE": bundle, **rest} if bundle else rest
