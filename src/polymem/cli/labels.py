"""Predicates as people say them, where they are shown."""

from __future__ import annotations

from polymem.read.labels import label, sentence

__all__ = ["label", "sentence"]
