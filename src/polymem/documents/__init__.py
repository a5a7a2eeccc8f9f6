"""Documents: reading files, cutting them into passages, answering with citations."""
