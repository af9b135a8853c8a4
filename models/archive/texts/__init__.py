"""What is kept of a text: its versions and labels, and what is found of it later, a queue each."""
