"""A year of a plan before anybody is visited: visits, findings, burden, precision."""
