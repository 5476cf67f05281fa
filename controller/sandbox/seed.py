"""What a new box holds: the organisation `acme`, its team and people, and one repository."""

import secrets
import string
from collections.abc import Mapping

from controller.sandbox.accounts import apps, installations
from controller.sandbox.acts import refs
from controller.sandbox.forge import Forge, now, signature
from controller.sandbox.git import objects
from controller.sandbox.nouns import App, Organization, Repository, Role, Team, User

ROLES: Mapping[str, Role] = {
    "admin": "admin",
    "reviewer": "maintain",
    "requester": "write",
    "controller": "write",
    "guest": "read",
}
TEAM = "platform"
APP = apps.Manifest(
    name="infrautomater",
    description="A team merges a small YAML file, and the infrastructure is there.",
    permissions={
        "contents": "read",
        "issues": "write",
        "members": "read",
        "metadata": "read",
        "pull_requests": "write",
        "statuses": "write",
    },
    events=("issue_comment", "merge_group", "pull_request", "pull_request_review", "push"),
)
"""The App that a box comes with, installed on its repository."""
_TEAM_MEMBERS = ("admin", "reviewer")
_TOKEN_LENGTH = 36


def seed(
    forge: Forge, full_name: str, files: Mapping[str, bytes], manifest: apps.Manifest = APP
) -> Repository:
    """Fill a forge, unless it was before.

    Args:
        forge: The state.
        full_name: The repository, as `owner/name`; the owner is the organisation.
        files: The first commit's files by path; without any the repository stays empty.
        manifest: The App to install on it.

    Returns:
        The repository.
    """
    owner, _, name = full_name.partition("/")
    if not forge.users.all():
        for login in ROLES:
            forge.users.add(_user(login))
    if not forge.organizations.find(owner.lower()):
        _organize(forge, owner)
    found = forge.repositories.find(full_name.lower())
    if found:
        return found
    made = forge.repositories.add(_repository(owner, name))
    forge.git(made).create(made.default_branch)
    if files:
        _commit(forge, made, files)
    _install(forge, forge.apps.find(manifest.slug) or apps.create(forge, owner, manifest), made)
    return forge.repository(made.id)


def _install(forge: Forge, app: App, repository: Repository) -> None:
    admin, found = forge.user("admin"), forge.installations.find((app.id, repository.owner.lower()))
    if found:
        installations.add_repository(forge, found, repository, admin)
    else:
        installations.install(forge, app, repository.owner, admin, [repository])


def _user(login: str) -> User:
    alphabet = string.ascii_letters + string.digits
    token = "ghp_" + "".join(secrets.choice(alphabet) for _ in range(_TOKEN_LENGTH))
    email = f"{login}@users.noreply.example.com"
    return User(login=login, name=login.title(), email=email, token=token, created_at=now())


def _organize(forge: Forge, owner: str) -> None:
    members = tuple(login for login, role in ROLES.items() if role != "read")
    forge.organizations.add(
        Organization(login=owner, name=owner.title(), admins=("admin",), members=members, created_at=now())
    )
    forge.teams.add(
        Team(
            organization=owner,
            slug=TEAM,
            name=TEAM,
            description="Those who run the platform",
            maintainers=("admin",),
            members=_TEAM_MEMBERS,
            created_at=now(),
        )
    )


def _repository(owner: str, name: str) -> Repository:
    return Repository(
        owner=owner, name=name, description="", default_branch="main", roles=dict(ROLES), created_at=now(),
        updated_at=now(), pushed_at=now(),
    )  # fmt: skip


def _commit(forge: Forge, repository: Repository, files: Mapping[str, bytes]) -> None:
    git, admin = forge.git(repository), forge.user("admin")
    blobs = {path: objects.write_blob(git, data) for path, data in files.items()}
    tree = objects.write_tree(
        git, None, [objects.Entry(path, "100644", "blob", sha) for path, sha in blobs.items()]
    )
    author = signature(admin)
    sha = objects.write_commit(git.signed(author, author), tree, (), "Initial commit")
    refs.move(forge, repository, f"{refs.HEADS}{repository.default_branch}", sha, admin)
