"""What hooks are told, and how it gets there."""
