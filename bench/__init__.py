"""The speed goals, each as a script that prints a ratio against a baseline measured in the same run."""
