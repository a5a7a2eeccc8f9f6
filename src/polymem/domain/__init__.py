"""Pure values of the model: no I/O, no clock, no numpy."""
