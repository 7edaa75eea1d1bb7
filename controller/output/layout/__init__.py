"""Layout of a plan's graph: stacks, layers, order, coordinates, packing."""
