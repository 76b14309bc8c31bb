"""The chapter "table": layers whose input or output is a table."""
