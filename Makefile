# The commands to remember: start · cuda · test · ci · bench

.DEFAULT_GOAL := help
.PHONY: help install start docs cuda test ci bench

export PATH := $(CURDIR)/runtime/node_modules/.bin:$(CURDIR)/node_modules/.bin:$(PATH)

help:
	@echo 'make start   install what is missing and run WeAI on http://127.0.0.1:8080'
	@echo 'make docs    build the documentation, which make start does in the background'
	@echo 'make cuda    install what the embedded engine needs to use an NVIDIA GPU, and say whether it will'
	@echo 'make test    install what the tests need and run every check'
	@echo 'make ci      the same, as continuous integration runs it'
	@echo 'make bench   measure engine, gateway and metering'

install:
	@scripts/install.sh
	@scripts/docs.sh

docs:
	@scripts/install.sh
	@scripts/docs.sh

cuda:
	@scripts/install.sh --cuda
	@exec ./weai engine --check-device

# `exec`: signals reach the server itself. The documentation is built beside it, so that the first token need not wait for it.
start:
	@scripts/install.sh
	@scripts/docs.sh --after-start & exec ./weai start

test:
	@scripts/install.sh || { echo '0 passed, 1 failed'; exit 1; }
	@exec node scripts/test.ts

ci: test

bench:
	@scripts/install.sh
	@exec node benchmarks/main.ts
