"""What a policy is, how policies are loaded, and how they judge and are proven."""
