"""Pure nouns, one a module; no I/O, clock, randomness, environment or logging."""
