"""Pictures of states, losses, trends and energy as SVG that stands alone: colours are presentation attributes, our pages set them anew by class."""
