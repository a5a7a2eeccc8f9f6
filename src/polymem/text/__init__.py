"""Pure text processing in English and Chinese: no I/O, no clock, no model."""
