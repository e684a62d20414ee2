"""Reading: each e-mail and hosted page of a life is rendered by the product, and what it says is held against what is so."""
