"""What may render, by the names that options have for it; it is read before all that renders is loaded."""

RENDERERS = ("helm", "inprocess")
"""A process of helm for each scenario, or helm's own library; the first where nobody says."""
