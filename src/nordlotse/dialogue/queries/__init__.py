"""Every read of the room, by subject: `events`, `registrations`, `imports`, and `groups` beside them."""
