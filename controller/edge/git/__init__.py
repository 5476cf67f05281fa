"""The edge to git: `GitCli`; every git process is started in `run`, every answer is read in `answers`."""

from controller.edge.git.cli import MAX_CONTENT, MAX_TOGETHER, GitCli

__all__ = ["MAX_CONTENT", "MAX_TOGETHER", "GitCli"]
