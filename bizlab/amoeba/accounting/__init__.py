"""From daily records to the additive figures of every node of the tree."""
