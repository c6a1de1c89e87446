"""What a plan is: its declaration and file, checked; its clashes told by line; its periods."""
