"""What is owed to this customer: case files, clocks, obligations, first aid, intake, and the wallet's own systems."""
