"""GitHub in a box and a cloud in a box, for rehearsals, demos and tests; imports nothing else of this package."""
