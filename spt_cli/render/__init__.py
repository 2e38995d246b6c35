"""From structs to text: each module makes one kind of output."""
