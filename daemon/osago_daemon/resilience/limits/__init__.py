"""An insurer's limits and the queue in front of them: exact windows, places, fair turns."""
