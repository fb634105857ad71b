"""Orders that people paste, with the truth beside each, and the score of a reader on them."""
