"""Checks that run in CI, and generators of tables that the package ships."""
