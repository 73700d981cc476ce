"""What values.yaml and the schema say: merged values, samples of others, which are secret."""
