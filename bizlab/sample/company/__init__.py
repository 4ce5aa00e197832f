"""Who the made company is: people, tree, calendar, customers, orders."""
