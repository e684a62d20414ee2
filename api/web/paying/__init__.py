"""The pages on which a buyer settles what is owed, or gives another card (P9, P10, X3, X22)."""
