"""Forgetting: deletion that hides, erasure that destroys."""
