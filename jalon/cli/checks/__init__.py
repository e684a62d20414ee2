"""What the doctor looks at, one part of an installation a file."""
