"""The office: what rooms share and what needs tables – roles, outbox, action links, log, files. See docs/rooms/office.md."""
