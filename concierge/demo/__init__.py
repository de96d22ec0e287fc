"""The main job end to end, as ``concierge demo`` runs it: a service, a room's devices, staff, and guests who call."""
