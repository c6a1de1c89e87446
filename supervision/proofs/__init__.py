"""The proof: all that decides a draw, committed, and recomputed by anybody."""
