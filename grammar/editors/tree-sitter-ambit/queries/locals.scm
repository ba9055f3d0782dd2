; The parameters of a role are known inside it, and nowhere else.
(role) @local.scope
(parameter name: (name (identifier) @local.definition))
(path . (name (identifier) @local.reference))
(arguments (name (identifier) @local.reference))
