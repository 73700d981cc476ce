"""A chart as it is read: its values and which of them are secret, samples, what its templates read."""
