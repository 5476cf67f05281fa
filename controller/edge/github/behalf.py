"""For whom a pull was opened: a name in its head branch, since the words of a pull may be edited by whoever may write."""

import re

_OURS = "infrautomater/"
_FOR = f"{_OURS}for/"
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
"""Of a person; with `_` those that a company manages
(https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication)."""


def is_login(text: str) -> bool:
    """Whether somebody could be called so."""
    return _LOGIN.fullmatch(text) is not None


def branch_of(name: str, whom: str = "") -> str:
    """The branch of a pull that we open, for somebody or for nobody in particular."""
    return f"{_FOR}{whom}/{name}" if whom else f"{_OURS}{name}"


def behalf(branch: str) -> str:
    """The login of whom a branch is for, empty where it is for nobody."""
    login, slash, _ = branch.removeprefix(_FOR).partition("/")
    return login if branch.startswith(_FOR) and slash and is_login(login) else ""
