"""The public handles: ``AsyncMemory``, ``Memory``, and what joins their parts."""
