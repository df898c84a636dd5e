"""What a group agreed on, read and worked out; arithmetic only."""
