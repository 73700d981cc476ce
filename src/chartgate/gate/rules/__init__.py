"""What a project chose: settings, its own policies, the baseline, and what a commit said of them."""
