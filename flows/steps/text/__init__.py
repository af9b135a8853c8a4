"""Short texts and addresses, as several steps need them."""
