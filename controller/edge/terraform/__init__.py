"""Terraform, run as a program under the guard, with an environment and a configuration of its own."""

from controller.edge.terraform.cli import DEADLINES, TerraformCli
from controller.edge.terraform.engine import Engine, find_engine

__all__ = ["DEADLINES", "Engine", "TerraformCli", "find_engine"]
