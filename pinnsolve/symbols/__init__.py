"""The letters of the language: coordinates, unknowns, normals, numbers as they were written."""
