"""What a pair gets: tasks and days; letters; services and limits of a firm."""
