"""GitHub's GraphQL API, a part of it: what REST does not have, and what bots ask here: https://docs.github.com/graphql.

`schema.graphql` says which part; the names, types and arguments in it are GitHub's.
"""
