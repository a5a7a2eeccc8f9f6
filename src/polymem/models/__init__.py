"""Adapters to models: embedders, and what else a memory may ask of a model."""
