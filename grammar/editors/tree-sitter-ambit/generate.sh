#!/usr/bin/env bash
# Makes src/ of grammar.js with the `tree-sitter` command (0.25 or newer), and notes of which text it was made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
tree-sitter generate --abi 15 grammar.js
sha256sum grammar.js >src/grammar.js.sha256
