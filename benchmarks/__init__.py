"""What Polymem costs: every figure of the documentation comes from a command here.

``python -m benchmarks`` prints a table of what was asked and what was measured. CPU time of all threads of the process,
so that a busy machine falsifies little; the texts come from :mod:`.corpus`, the vectors from :mod:`.vectors`, so that
embedding is left out everywhere but in :mod:`.pipeline`, :mod:`.footprint` and ``encoder.py``.
"""
