"""The declarations of the record tables, a module a subject; `records.schema` gathers them."""
