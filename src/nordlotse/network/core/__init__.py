"""The front door of the room's core: the taxonomy, and matching of needs with experts."""

from nordlotse.network.core.likeness import need_vectors, profile_vectors
from nordlotse.network.core.matching import assign, propose
from nordlotse.network.core.ports import Embed, Matrix
from nordlotse.network.core.taxonomy import SUBJECTS, Kind, Suggestion, Tag, by_id, suggest
from nordlotse.network.core.values import Expert, Limit, Need, Plan, Proposal, Proposed, Referral, Why

__all__ = [
    "SUBJECTS",
    "Embed",
    "Expert",
    "Kind",
    "Limit",
    "Matrix",
    "Need",
    "Plan",
    "Proposal",
    "Proposed",
    "Referral",
    "Suggestion",
    "Tag",
    "Why",
    "assign",
    "by_id",
    "need_vectors",
    "profile_vectors",
    "propose",
    "suggest",
]
