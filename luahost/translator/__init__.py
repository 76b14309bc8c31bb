"""A Lua program as a Python program: parser, scopes, types from recorded runs, printer."""
