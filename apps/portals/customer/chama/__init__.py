"""The room of groups: pages on which members save together, look at every shilling, and decide."""
