"""Time: modes in motion, slabs, and what follows them."""
