"""WHAT is to be solved: coordinates, unknowns, regions, equations and problems, all symbolic."""
