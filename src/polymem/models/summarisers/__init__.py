"""What sums up sessions."""
