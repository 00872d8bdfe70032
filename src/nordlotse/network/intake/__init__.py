"""Tables of partners, people and offers on their way in: file → rows → checked values → what would change."""
