"""What follows from a history: the engine's rules as pure functions of rows and answers."""
