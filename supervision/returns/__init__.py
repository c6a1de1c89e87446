"""What came back, held against the draw; deadlines; the table that supervisors sign."""
