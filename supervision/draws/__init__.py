"""The draw: lists, who is eligible, how many, with what chance, by which ticket, visited by whom."""
