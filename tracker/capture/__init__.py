"""What is recorded unasked: git, code, packages, machine, command, seeds; scrubbed of secrets."""
