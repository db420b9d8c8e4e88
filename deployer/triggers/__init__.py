"""What starts pipelines: clocks and events, and the limits that hold them back."""
