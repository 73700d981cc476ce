"""What pods need to run: images, storage, configuration, probes, and how many there are."""
