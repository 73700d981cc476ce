"""What a new project begins with: a matrix that was tried, settings and a first policy, from the chart alone."""
