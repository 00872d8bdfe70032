"""The models, the questions, the measures and the wording of the consent, each with its sources."""
