"""What bindings hand to a function, and what becomes of what it gives back."""
