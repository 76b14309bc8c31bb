"""Recording the compiled code that a computation calls, and running it again without Python in between."""
