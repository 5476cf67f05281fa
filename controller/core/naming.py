"""Naming: what a request's objects are called in the cloud, derived in this one place."""

import re

from controller.core.identity import RequestId

_JOINTS = re.compile(r"[_-]+")


def resource_name(identity: RequestId) -> str:
    """`<environment>-<name>` in the letters that every cloud takes: small ones, digits and single hyphens.

    Two requests may come to the same name (`a`/`b-c` and `a-b`/`c`); whoever reads a whole tree refuses that.
    """
    return _JOINTS.sub("-", f"{identity.environment}-{identity.name}")
