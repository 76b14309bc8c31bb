"""Products of matrices: the tile in registers, packing, whole products, vectors."""
