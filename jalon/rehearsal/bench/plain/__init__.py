"""The same steps as an ordinary, careful Temporal application would take them. The product is compared with them."""
