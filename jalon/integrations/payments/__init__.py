"""Payment providers behind one port: what they answer and how they fail is the same for all of them."""
