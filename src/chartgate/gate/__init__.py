"""The one judgement: what a run judges, what is red, and in which words."""
