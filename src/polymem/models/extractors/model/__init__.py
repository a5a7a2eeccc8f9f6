"""The extractor that asks a language model; its prompts lie beside it as text files."""

from polymem.models.extractors.model.extractor import ModelExtractor

__all__ = ["ModelExtractor"]
