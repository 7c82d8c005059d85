"""Customers: who they are to the bank, what shows it, who hands them to whom, who is credited, and what stays private."""
