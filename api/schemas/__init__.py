"""The shapes of the HTTP interface: bodies that come in, answers that go out."""
