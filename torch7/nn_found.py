"""Imported first by packages that stand on nn: an ImportError names the file, where ``nn`` is a program's own."""

from .shadowed import needs

needs("nn")
