"""What results tell of all firms, what visits were worth, and whom they reached."""
