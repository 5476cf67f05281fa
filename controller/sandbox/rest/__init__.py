"""GitHub's REST API, one module a noun: https://docs.github.com/rest."""
