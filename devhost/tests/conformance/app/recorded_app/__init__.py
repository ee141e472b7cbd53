"""The functions of the app, by what they show."""
