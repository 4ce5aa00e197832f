"""Files and connections: sources are read under their contracts, cleaned with an account, kept in the warehouse."""
