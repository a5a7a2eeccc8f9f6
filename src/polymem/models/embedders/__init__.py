"""Adapters behind the embedder port; one module or folder each."""
