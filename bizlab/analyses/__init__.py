"""One module a page: its parameters, where domains meet, its own charts."""
