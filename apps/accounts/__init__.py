"""What a customer holds: accounts, their lines and statements, and cash over the counter."""
