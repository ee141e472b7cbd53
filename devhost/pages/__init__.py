"""The pages under ``/devhost``: what the host's instances do, for people on this machine."""
