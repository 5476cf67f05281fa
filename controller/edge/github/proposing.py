"""A new file as a pull request: a branch, a commit and the pull, each looked for before it is made."""

import base64
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import BaseModel

from controller.edge.github.answers import Repository
from controller.edge.github.client import Client
from controller.errors import GitHubError, GitHubNotFound, GitHubRefused


@dataclass(frozen=True)
class NewFile:
    """A file that a pull request is to add.

    Attributes:
        path: Where it lies in the repository.
        content: What is in it.
        branch: Made from the default branch's tip; the same for the same file, so that a second try finds the first.
        title: Of the commit and of the pull.
        body: Of the pull.
    """

    path: str
    content: bytes
    branch: str
    title: str
    body: str = ""


class _Object(BaseModel):
    sha: str


class _Ref(BaseModel):
    object: _Object


class _Content(BaseModel):
    content: str

    def read(self) -> bytes:
        return base64.b64decode(self.content)


class _Address(BaseModel):
    html_url: str


def propose_file(client: Client, repository: str, new: NewFile) -> str:
    """Open a pull request that adds a file; the address of its page.

    The account needs to write contents and pull requests
    (https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps).

    Args:
        client: The way to GitHub.
        repository: `owner/name`.
        new: The file.

    Raises:
        GitHubRefused: The file is there already; or the account may not.
        GitHubError: GitHub cannot be asked.
    """
    root = f"/repos/{repository}"
    base = client.get(Repository, root).default_branch
    client.settle(lambda: _branch(client, root, base, new))
    client.settle(lambda: _commit(client, root, new))
    return client.settle(lambda: _pull(client, root, base, new))


def _branch(client: Client, root: str, base: str, new: NewFile) -> None:
    """https://docs.github.com/en/rest/git/refs."""
    try:
        client.get(_Ref, f"{root}/git/ref/heads/{quote(new.branch)}")
    except GitHubNotFound:
        tip = client.get(_Ref, f"{root}/git/ref/heads/{quote(base)}").object.sha
        client.write("POST", f"{root}/git/refs", {"ref": f"refs/heads/{new.branch}", "sha": tip})


def _commit(client: Client, root: str, new: NewFile) -> None:
    """https://docs.github.com/en/rest/repos/contents#create-or-update-file-contents."""
    path = f"{root}/contents/{quote(new.path)}"
    try:
        there = client.get(_Content, f"{path}?ref={quote(new.branch, safe='')}")
    except GitHubNotFound:
        content = base64.b64encode(new.content).decode()
        client.write("PUT", path, {"message": new.title, "content": content, "branch": new.branch})
        return
    if there.read() != new.content:
        raise GitHubRefused(f"{new.path} is there already: change it in a pull request of its own")


def _pull(client: Client, root: str, base: str, new: NewFile) -> str:
    """https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request."""
    owner = root.split("/")[2]
    there = {"state": "open", "head": f"{owner}:{new.branch}", "base": base}
    for one in client.pages(_Address, f"{root}/pulls", there):
        return one.html_url
    wish = {"title": new.title, "head": new.branch, "base": base, "body": new.body}
    try:
        return _Address.model_validate_json(client.write("POST", f"{root}/pulls", wish)).html_url
    except ValueError as error:
        raise GitHubError("GitHub's answer names no pull request") from error
