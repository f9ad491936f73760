"""Regions from files of meshes: bodies with triangulated surfaces, plane regions of triangles."""
