"""The chapter "criterion": losses."""
