"""What Chart.yaml and Chart.lock say: dependencies and versions."""
