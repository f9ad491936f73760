"""WITH WHAT functions: activations, box initialization, and jets through the layers of a
network.
"""
