"""One module for each suite of layer 4."""
