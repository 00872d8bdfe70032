"""Every write of the room, by subject: `events`, `registrations`, `entrance`, `imports`, and `groups` beside them."""
