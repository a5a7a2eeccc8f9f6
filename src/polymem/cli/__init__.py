"""The command line ``polymem``: one module per family of commands, ``show_*`` for what they print."""
