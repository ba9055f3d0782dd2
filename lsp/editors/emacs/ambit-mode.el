;;; ambit-mode.el --- Editing policies in Ambit  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages

;;; Commentary:

;; A major mode for `.ambit' files: colours, comments, indentation, and the language server for eglot and lsp-mode.
;;
;;   (add-to-list 'load-path "…/lsp/editors/emacs")
;;   (require 'ambit-mode)
;;   (add-hook 'ambit-mode-hook #'eglot-ensure)   ; or #'lsp

;;; Code:

(defgroup ambit nil
  "Policies in Ambit."
  :group 'languages)

(defcustom ambit-server-command '("ambit-lsp" "--stdio")
  "The language server and its arguments."
  :type '(repeat string)
  :group 'ambit)

(defcustom ambit-indent-offset 4
  "By how much a block moves its lines."
  :type 'integer
  :safe #'integerp
  :group 'ambit)

;; The words of grammar/src/token.rs, a list for each category; a test compares them.

(defconst ambit-item-words
  '("source" "enum" "table" "hierarchy" "kind" "object" "attribute" "filter" "role" "group" "user" "everyone" "for"
    "exclusive" "test" "assert"))

(defconst ambit-clause-words
  '("as" "in" "open" "key" "set" "of" "scope" "stored" "text" "rows" "array" "json" "scaled" "implies" "uses" "inherits"
    "bypasses" "except"))

(defconst ambit-rule-words
  '("grant" "deny" "restrict" "on" "to" "by" "where" "applies" "when" "unless" "querying" "only"))

(defconst ambit-operator-words
  '("and" "or" "not" "is" "between" "before" "after" "starts" "ends" "with" "contains" "match" "all" "any" "exists"
    "visible" "last" "next" "this" "from"))

(defconst ambit-constant-words
  '("null" "true" "false" "nothing" "everything" "today"))

(defconst ambit-test-words
  '("given" "sees" "can" "cannot" "always" "never" "anyone" "are" "disjoint" "equal"))

(defconst ambit-unit-words
  '("day" "days" "week" "weeks" "month" "months" "quarter" "quarters" "year" "years"))

(defvar ambit-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?/ ". 12" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "w" table)
    (modify-syntax-entry ?' "." table)
    (dolist (sign '(?< ?> ?= ?! ?- ??))
      (modify-syntax-entry sign "." table))
    table))

(defconst ambit-font-lock-keywords
  `(("^\\s-*\\(?:source\\|enum\\|table\\|hierarchy\\|kind\\|object\\|attribute\\|filter\\|role\\|group\\|user\\)\\s-+\\(\\w+\\)"
     1 font-lock-type-face)
    (,(regexp-opt (append ambit-item-words ambit-rule-words) 'words) . font-lock-keyword-face)
    (,(regexp-opt (append ambit-clause-words ambit-test-words ambit-unit-words) 'words) . font-lock-builtin-face)
    (,(regexp-opt ambit-operator-words 'words) . font-lock-keyword-face)
    (,(regexp-opt ambit-constant-words 'words) . font-lock-constant-face)
    ("\\_<-?[0-9]+\\(?:\\.[0-9]+\\)?\\_>" . font-lock-constant-face)))

(defun ambit-indent-line ()
  "Indents the line by the blocks that it stands in."
  (interactive)
  (let* ((state (save-excursion (beginning-of-line) (syntax-ppss)))
         (depth (car state))
         (closes (save-excursion (back-to-indentation) (looking-at-p "[]})]")))
         (column (* ambit-indent-offset (max 0 (if closes (1- depth) depth)))))
    (unless (nth 3 state)
      (if (<= (current-column) (current-indentation))
          (indent-line-to column)
        (save-excursion (indent-line-to column))))))

;;;###autoload
(define-derived-mode ambit-mode prog-mode "Ambit"
  "A major mode for policies in Ambit."
  :syntax-table ambit-mode-syntax-table
  (setq-local comment-start "// "
              comment-start-skip "///*\\s-*"
              comment-end ""
              indent-tabs-mode nil
              indent-line-function #'ambit-indent-line
              electric-indent-chars (append "})]" electric-indent-chars)
              font-lock-defaults '(ambit-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.ambit\\'" . ambit-mode))

(defun ambit--server (&rest _)
  "The command of the server, when it is started."
  ambit-server-command)

(defvar eglot-server-programs)
(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(ambit-mode . ambit--server)))

;; A project is the folder of the nearest ambit.toml, whatever it is kept in.
(defun ambit--project (folder)
  "The Ambit project that FOLDER belongs to, for project.el."
  (when-let ((root (and (derived-mode-p 'ambit-mode) (locate-dominating-file folder "ambit.toml"))))
    (cons 'transient root)))
(add-hook 'project-find-functions #'ambit--project)

(declare-function lsp-register-client "lsp-mode")
(declare-function make-lsp-client "lsp-mode")
(declare-function lsp-stdio-connection "lsp-mode")
(declare-function lsp-activate-on "lsp-mode")
(defvar lsp-language-id-configuration)
(with-eval-after-load 'lsp-mode
  (add-to-list 'lsp-language-id-configuration '(ambit-mode . "ambit"))
  (lsp-register-client
   (make-lsp-client
    :new-connection (lsp-stdio-connection (lambda () ambit-server-command))
    :activation-fn (lsp-activate-on "ambit")
    :server-id 'ambit)))

(provide 'ambit-mode)
;;; ambit-mode.el ends here
