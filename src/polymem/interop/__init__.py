"""Polymem behind the interfaces of other libraries; each sits on the client and adds no memory of its own."""
