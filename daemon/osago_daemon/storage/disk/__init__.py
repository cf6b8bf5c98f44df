"""The store of the daemons of one machine, in one folder that they share."""
