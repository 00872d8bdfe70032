"""How values are shown to people: figures and ages as words, charts as SVG. The pages' scripts follow the same rules (frontend/iot/words.js)."""
