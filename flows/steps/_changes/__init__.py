"""How two texts are compared: sentence by sentence for corrections, shingle by shingle for copies."""
