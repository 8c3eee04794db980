"""The recorder: what runs inside the training process, and how journals travel."""
