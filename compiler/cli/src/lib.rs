//! The command line of Ambit.
