"""The pages: customers in their portal, bankers in the workbench."""
