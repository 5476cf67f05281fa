"""Side effects, one outside thing a module; nothing is decided here."""
