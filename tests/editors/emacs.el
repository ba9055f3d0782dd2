;;; emacs.el --- What both clients of Emacs are asked  -*- lexical-binding: t; -*-

;; The folder is a copy of examples/sales; AMBIT_SERVER is the built server.

(require 'package)
(setq package-archives nil
      ;; Nothing is compiled for a session of seconds.
      native-comp-deferred-compilation nil
      native-comp-enable-subr-trampolines nil
      comp-enable-subr-trampolines nil
      make-backup-files nil
      auto-save-default nil
      create-lockfiles nil)
;; Where Debian keeps them.
(add-to-list 'package-directory-list "/usr/share/emacs/site-lisp/elpa")
(package-initialize)
(require 'ambit-mode)
(setq ambit-server-command (list (getenv "AMBIT_SERVER") "--stdio"))

(defun check (true format &rest arguments)
  "Ends with a failure unless TRUE."
  (unless true
    (error "%s" (apply #'format format arguments))))

(defun step (client format &rest arguments)
  "Says what CLIENT did."
  (princ (format "%s: %s\n" client (apply #'format format arguments))))

(defmacro wait (what &rest condition)
  "Waits for a CONDITION; WHAT is its name."
  `(let ((end (+ (float-time) 20)))
     (while (not (progn ,@condition))
       (check (< (float-time) end) "waited in vain for %s" ,what)
       (accept-process-output nil 0.05))))

(defun go (text)
  "The cursor on the first letter of TEXT."
  (goto-char (point-min))
  (search-forward text)
  (goto-char (match-beginning 0)))

(defun check-mode ()
  "The mode, its colours and its indentation."
  (check (eq major-mode 'ambit-mode) "the mode is %s" major-mode)
  (font-lock-ensure)
  (go "grant read on sales where own")
  (check (eq (get-text-property (point) 'face) 'font-lock-keyword-face) "grant is no keyword")
  (go "Contacts follow")
  (check (memq (get-text-property (point) 'face) '(font-lock-comment-face font-lock-doc-face)) "a comment")
  (go "5d11c3a7e2aa01aa01aa01aa")
  (check (eq (get-text-property (point) 'face) 'font-lock-string-face) "a string")
  (let ((before (buffer-string)))
    (indent-region (point-min) (point-max))
    (check (equal before (buffer-string)) "indentation moves what the formatter writes:\n%s" (buffer-string))))

(defun text-of (file)
  "What FILE holds in its buffer, else on disk."
  (with-current-buffer (find-file-noselect file) (buffer-string)))

(defun holds (text) (string-match-p (regexp-quote text) (buffer-string)))
