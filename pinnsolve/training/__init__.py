"""To move the basis: LS/GD, losses, descents, greedy choice, gradients checked."""
