"""From what is red to its causes, and back to the lines of the chart's source."""
