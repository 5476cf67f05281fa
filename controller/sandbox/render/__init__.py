"""GitHub's JSON objects, rendered from the records: https://docs.github.com/rest."""
