"""One module for each suite of the contract and of DQSN."""
