"""What the sources write: the forms of each table's texts, a module a subject as in `tables`."""
