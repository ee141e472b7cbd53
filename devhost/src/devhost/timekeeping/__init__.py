"""Time: .NET's ticks, and the host's clocks, real and virtual."""
