"""The default encoder: static token vectors for English and Chinese, shipped with their weights."""

from polymem.models.embedders.static.embedder import StaticEmbedder

__all__ = ["StaticEmbedder"]
