"""Adapters behind the port of language models; one module or folder each."""
