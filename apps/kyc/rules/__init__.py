"""What is true of papers and names whatever the database holds."""
