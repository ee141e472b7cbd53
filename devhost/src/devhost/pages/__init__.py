"""What people see in a browser under /devhost: lists, timelines, and buttons."""
