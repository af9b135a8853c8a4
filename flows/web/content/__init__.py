"""What pages and the API show, whatever frame it stands in."""
