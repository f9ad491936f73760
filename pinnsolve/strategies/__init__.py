"""Ways to a solution: automatic, by continuation, and what is had in a moment."""
