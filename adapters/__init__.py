"""The outside world. The only package that reads environment variables or opens sockets."""
