"""infrautomater: a team merges a small YAML file, and the infrastructure is there."""
