"""Where: charts, regions, their combinations, clouds of points, vertices."""
