"""The agent in the company's network: reads machines, keeps what it read on its disk, and brings it to the centre, outward only."""
