"""What bindings pass to a function, and what they do with what it returns."""
