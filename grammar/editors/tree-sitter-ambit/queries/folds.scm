[
  (enum) (table) (hierarchy) (kind) (role) (group) (user) (everyone) (for) (test) (given_rows) (given_user) (list) (keys)
] @fold
