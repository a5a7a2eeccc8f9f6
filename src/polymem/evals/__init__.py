"""Measuring: how much of the evidence a search finds, beside plain rankings of the same texts."""
