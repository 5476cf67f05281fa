"""Git, by its own command line: repositories without a work tree, and what lies in them."""
