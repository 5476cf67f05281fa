"""For whom something is rendered."""

from dataclasses import dataclass

from controller.sandbox.forge import Forge, covers
from controller.sandbox.nouns import Caller, Grant, InstallationToken, Repository, Role, User
from controller.sandbox.permissions import role_of


@dataclass(frozen=True, slots=True)
class View:
    """For whom something is rendered: their addresses differ by the base that they asked under.

    Args:
        forge: The state.
        api: The REST API's base address, without a `/` at its end.
        web: The pages' base address.
        viewer: Who acts; None in a delivery, and where an App itself asks.
        grant: What an App asks with; None where no App does.
    """

    forge: Forge
    api: str
    web: str
    viewer: User | None = None
    grant: Grant | None = None

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.grant or self.viewer

    def role(self, repository: Repository) -> Role:
        """What the viewer may do in a repository; an installation's token may be narrowed to less than its bot."""
        if not isinstance(self.grant, InstallationToken):
            return self.forge.role(repository, self.viewer)
        through = self.forge.installations.get(self.grant.installation)
        narrowed = self.grant.repositories is not None and repository.id not in self.grant.repositories
        reached = through is not None and covers(through, repository) and not narrowed
        return role_of(self.grant.permissions) if reached else "none"
