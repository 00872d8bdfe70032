"""Every read of the room that a page, the interface or another floor needs."""
