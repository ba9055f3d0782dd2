//! Dense numbers for the things of a program. They count in the order of names, so they do not depend on the order
//! of files.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in the program's list.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A source, in `Program::sources`.
    SourceId;
    /// An enum, in `Program::enums`.
    EnumId;
    /// A table, in `Program::tables`.
    TableId;
    /// A column, in its table's `columns` (in the order written).
    ColumnId;
    /// A hierarchy, in `Program::hierarchies`.
    HierarchyId;
    /// A kind of object, in `Program::kinds`.
    KindId;
    /// An object, in `Program::objects`.
    ObjectId;
    /// An attribute, in `Program::attributes`.
    AttributeId;
    /// A principal, in `Program::principals`.
    PrincipalId;
    /// A rule, in `Program::rules`.
    RuleId;
    /// A test, in `Program::tests`.
    TestId;
}
