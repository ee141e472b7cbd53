"""A test host: the fixture ``durable_host`` (``host``), and devhost as a process of its own (``process``)."""
