"""Customers: who they are to the bank, who hands them to whom, who is credited, and what stays private."""
