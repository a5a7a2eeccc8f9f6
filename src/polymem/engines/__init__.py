"""The engines that hold the truth, each with all four faces in one transaction."""
