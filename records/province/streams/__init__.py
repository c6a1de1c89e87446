"""What happens in the province, month by month: a module a subject."""
