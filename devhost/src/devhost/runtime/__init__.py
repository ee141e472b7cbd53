"""Who runs when: instances, activities, entities and timers of a running task hub."""
