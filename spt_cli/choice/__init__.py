"""Which runs are meant, in which order, and what tells them apart."""
