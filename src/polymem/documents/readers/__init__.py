"""Readers: one module a format, bytes to :class:`~polymem.domain.document.Parsed`. They run in a process of their own."""
