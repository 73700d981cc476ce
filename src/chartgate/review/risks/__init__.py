"""The classes of risk: a rule each, by what they look at."""
