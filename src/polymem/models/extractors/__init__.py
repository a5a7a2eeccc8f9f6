"""Adapters behind the extractor port; one module or folder each."""
