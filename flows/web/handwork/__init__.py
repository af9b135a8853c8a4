"""Work by hand on the pages, for a person who signed in with the token of the settings: without one it is not there."""
