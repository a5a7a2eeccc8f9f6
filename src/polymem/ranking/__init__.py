"""Pure ranking on arrays: who is visible, how well a row fits, how signals become one score. numpy only, no I/O."""
