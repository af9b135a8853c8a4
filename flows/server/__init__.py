"""The Prefect server that `serve` runs, its address, and the runs that were missed or left open."""
