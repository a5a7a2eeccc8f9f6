"""Checks that run in CI: standard library only, so they need no environment."""
