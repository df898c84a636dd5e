"""`/developers/`: what people build on, from the first call to their apps. Logs and webhooks belong to the gateway."""
