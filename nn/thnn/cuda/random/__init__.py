"""Random numbers that a GPU draws itself."""
