"""An example centre: invented partners, people, companies and what they did over two years. Nobody in it exists."""
