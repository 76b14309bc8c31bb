"""The chapter "containers": modules made of modules."""
