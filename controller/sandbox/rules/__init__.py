"""What happens to branches and pulls, by GitHub's rules."""
