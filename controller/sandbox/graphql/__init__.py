"""The little of GitHub's GraphQL API that REST does not have: https://docs.github.com/graphql."""
