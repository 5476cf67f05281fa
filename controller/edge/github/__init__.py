"""The edge to GitHub: `GitHubRest`, with a token or as an App (`AppInstallation`); every request goes through `client`, every answer is read in `answers`."""

from controller.edge.github.app import AppInstallation
from controller.edge.github.rest import GitHubRest

__all__ = ["AppInstallation", "GitHubRest"]
