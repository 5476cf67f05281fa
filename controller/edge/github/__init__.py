"""The edge to GitHub: `GitHubRest`; every request goes through `client`, every answer is read in `answers`."""

from controller.edge.github.rest import GitHubRest

__all__ = ["GitHubRest"]
