"""The Open Bank Project's API, version 5.1.0, under every version's prefix: read by apps that customers let in."""
