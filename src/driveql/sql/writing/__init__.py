"""Writing by SQL: the engine computes the rows, the drive layer performs them, and each row has an outcome of its own.

All rows of a statement are computed and checked before its first change, so that a statement which cannot be computed changes
nothing. From then on every row is tried; none that was done is hidden by one that was not.
"""
