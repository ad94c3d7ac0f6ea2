"""Measurements of speed and size, printed as ratios within one run."""
