"""The command line: one module a command; `main` chooses it."""

from bizlab.errors import BizlabError

DONE, UNRECONCILED, REFUSED = 0, 1, BizlabError.exit_code
