"""Places for the boxes of a plan's picture: stacks, layers, order, coordinates, packing."""
