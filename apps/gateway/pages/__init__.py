"""Pages of the gateway in the developers' portal: logs, webhooks, status. The shell is shared by name."""
