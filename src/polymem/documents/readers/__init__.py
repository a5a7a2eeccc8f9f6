"""Readers: one format each, from bytes to a :class:`~polymem.domain.document.Parsed`."""
