"""Layer parallelism: the layers of a residual network as time steps, run in parallel by MGRIT."""
