"""`make mutants`: small damages, planted one at a time in a copy of the tree, and whether a test notices."""
