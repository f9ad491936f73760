"""WHERE equations are enforced: points, normals and weights on every region."""
