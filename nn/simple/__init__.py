"""The chapter "simple": layers with parameters, and layers that reshape, select and combine elements."""
