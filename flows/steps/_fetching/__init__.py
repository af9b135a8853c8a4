"""The parts of fetch: addresses, the exchange itself, patience, politeness, robots."""
