"""Documents that editors bring along: read into blocks, then written as drafts of articles.

`reading.read` runs in a confined child process; what it returns is plain text in blocks, whatever the file was.
"""

from nordlotse.answers.core.documents.document import Block, Document, Note
from nordlotse.answers.core.documents.draft import Draft, drafts

#: The function a confined child runs on a file's bytes; its value is `Document.as_dict()`.
READER = "nordlotse.answers.core.documents.reading:read_as_dict"

__all__ = ["READER", "Block", "Document", "Draft", "Note", "drafts"]
