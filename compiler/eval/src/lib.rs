//! The reference evaluator: the plain reading of the language over Core.
