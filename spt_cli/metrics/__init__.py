"""metrics.csv: its points, the attempts in it, and curves made of them."""
