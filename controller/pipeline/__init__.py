"""The stories, told in terms of ports."""
