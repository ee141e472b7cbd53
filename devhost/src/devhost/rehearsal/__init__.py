"""Replay a recorded history on the present code, and say where it diverges."""
