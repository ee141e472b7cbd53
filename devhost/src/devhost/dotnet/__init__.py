"""What .NET and its libraries read, refuse and say. Pure: texts and plain values in and out."""
