"""The write path: record → extract → resolve → commit."""
