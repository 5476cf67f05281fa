"""What happens to branches and pulls, and who hears of it."""
