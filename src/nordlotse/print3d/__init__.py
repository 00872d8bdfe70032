"""The print3d room: can this part be printed, how, for how much, and from which quantity does it not pay."""
