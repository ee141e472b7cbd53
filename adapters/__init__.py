"""The outside world. The only room that reads environment variables or opens sockets."""
