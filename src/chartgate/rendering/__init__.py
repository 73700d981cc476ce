"""From a scenario to resources: helm, its manifests, and the hooks that patch them."""
