# The commands to remember: start · test · ci · bench

.DEFAULT_GOAL := help
.PHONY: help install start test ci bench

export PATH := $(CURDIR)/runtime/node_modules/.bin:$(CURDIR)/node_modules/.bin:$(PATH)

help:
	@echo 'make start   install what is missing and run WeAI on http://127.0.0.1:8080'
	@echo 'make test    install what the tests need and run every check'
	@echo 'make ci      the same, as continuous integration runs it'
	@echo 'make bench   measure engine and gateway'

install:
	@scripts/install.sh

# `exec`: signals reach the server itself.
start:
	@scripts/install.sh
	@exec ./weai start

test:
	@scripts/install.sh || { echo '0 passed, 1 failed'; exit 1; }
	@exec node scripts/test.ts

ci: test

bench:
	@scripts/install.sh
	@exec node benchmarks/main.ts
