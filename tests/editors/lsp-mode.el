;;; lsp-mode.el --- A person at work in Emacs with lsp-mode  -*- lexical-binding: t; -*-

(load (expand-file-name "emacs.el" (file-name-directory load-file-name)) nil t)
(setq lsp-session-file (expand-file-name ".session" (getenv "HOME"))
      lsp-server-install-dir (expand-file-name ".servers" (getenv "HOME"))
      lsp-auto-guess-root t
      lsp-restart 'ignore
      lsp-enable-file-watchers nil
      lsp-headerline-breadcrumb-enable nil
      lsp-progress-via-spinner nil
      lsp-enable-snippet nil
      lsp-semantic-tokens-enable t
      lsp-response-timeout 20
      lsp-auto-execute-action t)
(require 'lsp-mode)
(require 'lsp-semantic-tokens nil t)

(lsp-workspace-folders-add (directory-file-name default-directory))
(find-file "policy.ambit")
(check-mode)
(lsp)
(wait "the server" (and (lsp-workspaces) (eq 'initialized (lsp--workspace-status (car (lsp-workspaces))))))
(step "lsp-mode" "the server is attached")

(defun errors ()
  (seq-filter (lambda (one) (eq 1 (lsp:diagnostic-severity? one)))
              (gethash (lsp--fix-path-casing (buffer-file-name)) (lsp-diagnostics))))
(goto-char (point-max))
(insert "for managers { grant read on sale }\n")
(wait "a diagnostic" (errors))
(let ((problem (car (errors))))
  (check (string-match-p "sale" (lsp:diagnostic-message problem)) "%s" (lsp:diagnostic-message problem))
  (step "lsp-mode" "diagnostic: %s" (car (split-string (lsp:diagnostic-message problem) "\n"))))

(go "sale }")
(let ((actions (lsp-code-actions-at-point)))
  (check actions "no action")
  (lsp-execute-code-action (elt actions 0)))
(wait "the fix" (holds "grant read on sales }"))
(wait "the mended text" (null (errors)))
(step "lsp-mode" "the code action mended it")

(go "salespeople as")
(let ((hover (lsp-request "textDocument/hover" (lsp--text-document-position-params))))
  (check (string-match-p "salespeople" (format "%S" hover)) "%S" hover)
  (step "lsp-mode" "hover"))

(go "sales, deal_contacts")
(let* ((capf (lsp-completion-at-point))
       (names (all-completions "" (nth 2 capf))))
  (check (seq-some (lambda (name) (string-match-p "deal_contacts" name)) names) "%S" names)
  (step "lsp-mode" "completion: %d items" (length names)))

(go "salespeople as")
(let ((references (lsp-request "textDocument/references" (lsp--make-reference-params nil nil))))
  (check (>= (length references) 4) "%S" references)
  (step "lsp-mode" "references: %d" (length references)))

(let ((symbols (lsp-request "textDocument/documentSymbol"
                            (list :textDocument (lsp--text-document-identifier)))))
  (check (>= (length symbols) 7) "%S" symbols)
  (step "lsp-mode" "symbols: %d" (length symbols)))

(let ((tokens (lsp-request "textDocument/semanticTokens/full"
                           (list :textDocument (lsp--text-document-identifier)))))
  (check (> (length (lsp-get tokens :data)) 100) "no semantic tokens")
  (step "lsp-mode" "semantic tokens: %d" (/ (length (lsp-get tokens :data)) 5)))

(go "salespeople as")
(lsp-rename "sellers")
(check (holds "group sellers") "the rename: %s" (buffer-string))
(check (string-match-p "newcomer : sellers" (text-of "policy_test.ambit")) "the other file")
(step "lsp-mode" "the rename reached both files")
(save-some-buffers t)

(go "  grant read on sales where own")
(delete-region (point) (line-end-position))
(insert "      grant    read on sales   where own")
(lsp-format-buffer)
(check (holds "\n    grant read on sales where own\n") "formatting: %s" (buffer-string))
(step "lsp-mode" "formatted")

(go "deal_contacts where")
(lsp-find-definition)
(check (string-suffix-p "schema.ambit" (buffer-file-name)) "the definition is in %s" (buffer-file-name))
(check (looking-at-p "deal_contacts in warehouse") "%s" (thing-at-point 'line))
(step "lsp-mode" "the definition is in another file")

(save-some-buffers t)
(let (said)
  (cl-letf (((symbol-function 'lsp--error) (lambda (format &rest _) (push format said))))
    (lsp-workspace-shutdown (car (lsp--session-workspaces (lsp-session)))))
  ;; It closes its files when the server is gone, and says so: that is its own affair.
  (check (not (seq-some (lambda (one) (string-match-p "shutdown" one)) said)) "the end: %S" said))
(step "lsp-mode" "the server ended when it was asked to")
