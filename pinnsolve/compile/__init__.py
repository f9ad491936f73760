"""What a problem MEANS numerically: derivatives that occur, residuals and their slopes as tensor
functions.
"""
