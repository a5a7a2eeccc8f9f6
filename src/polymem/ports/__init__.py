"""What the core asks of the outside, as Protocols; capabilities are declared data, never ``isinstance``."""
