"""The read path: plan → arms → signals → fuse → pack; context, profile and listing beside it. Pure, on one snapshot."""
