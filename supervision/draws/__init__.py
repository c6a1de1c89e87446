"""The draw: lists, who is eligible, how many, with what chance, by which ticket, by whom."""
