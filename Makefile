# `make` lists the commands; the two important ones are `make run` and `make test`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BOT := .venv/bot/bin/python
DESK := .venv/desk/bin/python
NODE := .venv/node/bin/node
# With this variable set, every start would compile TensorFlow's thousands of modules again: 15 to 20 seconds.
unexport PYTHONDONTWRITEBYTECODE
# A message's matrices are too small to share: several threads would spin and use half as much CPU time again.
export OPENBLAS_NUM_THREADS := 1
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 2

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: setup
setup: ## create or update the environments (.venv/bot, .venv/desk, Node's packages) from the locks
	@scripts/setup.sh

.PHONY: run
run: setup ## start everything; reports when it is ready; Ctrl-C stops it
	@$(BOT) -m bot publish --or-live
	@exec $(DESK) scripts/supervise.py

# `make test` runs this many suites at once. Make prints the output of a suite when the suite ends, so outputs do not mix.
JOBS ?= 2
# In start order. A suite that depends on `model` starts when a model is trained.
SUITES := model test-models test-handoff test-system test-bot test-actions test-console test-pages test-drill

.PHONY: test
test: setup browser ## all tests: suites side by side, then tests that need an idle machine: make test [JOBS=2]
	@$(MAKE) --no-print-directory --jobs=$(JOBS) --output-sync=line $(SUITES)
	$(DESK) -m pytest -m alone tests/handoff
	$(DESK) -m pytest -m alone tests/e2e

.PHONY: $(SUITES)
# Training gives way to the suites that run at the same time: some of them wait for answers within seconds.
model:
	@nice -n 10 $(BOT) -m bot publish
test-handoff:
	@echo "started: tests/handoff without pages"
	@$(DESK) -m pytest -m "not alone" tests/handoff --ignore=tests/handoff/pages
test-bot: model
	@echo "started: tests/bot"
	@$(BOT) -m pytest tests/bot
test-system: model
	@echo "started: tests/e2e without test_console.py"
	@$(DESK) -m pytest -m "not alone" tests/e2e --ignore=tests/e2e/test_console.py
test-actions: model
	@echo "started: tests/actions"
	@$(BOT) -m pytest tests/actions
test-pages:
	@echo "started: tests/handoff/pages"
	@$(DESK) -m pytest -m "not alone" tests/handoff/pages
test-console:
	@echo "started: tests/e2e/test_console.py"
	@$(DESK) -m pytest -m "not alone" tests/e2e/test_console.py
test-drill:
	@echo "started: tests/drill"
	@$(DESK) -m pytest tests/drill
test-models:
	@echo "started: tests/pages"
	@$(NODE) --test $$(find tests/pages -name "*.test.js")

.PHONY: check
check: setup ## lint, types, import arrows, pages, content
	.venv/desk/bin/ruff check .
	.venv/desk/bin/ruff format --check .
	.venv/bot/bin/mypy actions bot content contract language
	.venv/desk/bin/mypy handoff scripts content contract language
	.venv/desk/bin/lint-imports
	$(NODE) node_modules/@biomejs/biome/bin/biome ci $(if $(MAKE_TERMOUT),,--colors=off)
	$(NODE) node_modules/typescript/bin/tsc --project .
	$(BOT) -m bot check

.PHONY: lint-data
lint-data: setup ## advice on the training sentences: make lint-data [OUT=folder] [CURVE=1]; CURVE adds the learning curve
	@$(BOT) -m bot lint $(if $(CURVE),--curve) $(if $(OUT),--out "$(OUT)")

.PHONY: train
train: setup ## train the model, if there is none for the present data
	$(BOT) -m bot train

.PHONY: publish
publish: setup ## check data/, train if needed, ask the gate, update the running bot and desk: make publish [DATA=folder WHY=".." BY=name SECOND=name]
	@scripts/with_running_bot.py $(BOT) -m bot publish $(if $(DATA),--data "$(DATA)") $(if $(WHY),--why "$(WHY)") $(if $(BY),--by "$(BY)") \
	  $(if $(SECOND),--second "$(SECOND)")

.PHONY: rollback
rollback: setup ## go back to an earlier publication, in seconds: make rollback [TO=number WHY=".." BY=name]; lists: python -m bot packages
	@scripts/with_running_bot.py $(BOT) -m bot rollback $(if $(TO),--to "$(TO)") $(if $(WHY),--why "$(WHY)") $(if $(BY),--by "$(BY)")

.PHONY: evaluate
evaluate: setup ## score labelled files: make evaluate FILE="a.jsonl b.jsonl" [OUT=report.html]; without FILE: cross-validation
	@$(BOT) -m bot evaluate $(foreach file,$(FILE),"$(file)") $(if $(OUT),--out "$(OUT)")

.PHONY: compare
compare: setup ## compare two evaluations: make compare OLD=a.json NEW=b.json [OUT=x.html]
	@test -n "$(OLD)" -a -n "$(NEW)" || { echo 'name the reports: make compare OLD=a.json NEW=b.json [OUT=x.html]'; exit 2; }
	@$(BOT) -m bot compare "$(OLD)" "$(NEW)" $(if $(OUT),--out "$(OUT)")

.PHONY: bench
bench: setup ## measure speed and memory: make bench [ONLY=turn,fair,hostile,log,...] [AGAINST=checkout] [QUICK=1] [OUT=folder]
	@$(BOT) -m bot publish
	@$(DESK) -m tests.benchmarks.load $(if $(ONLY),--only "$(ONLY)") $(if $(QUICK),--quick) $(if $(OUT),--out "$(OUT)") \
	  $(if $(AGAINST),--against "$(AGAINST)")

.PHONY: bench-workshop
bench-workshop: setup ## measure the workshop's bars, one table: make bench-workshop [ONLY=gate_edits,replay,...] [QUICK=1] [OUT=file.json]
	@$(BOT) -m bot publish
	@$(DESK) -m tests.benchmarks.workshop $(if $(ONLY),--only "$(ONLY)") $(if $(QUICK),--quick) $(if $(OUT),--json "$(OUT)")

.PHONY: bench-customers
bench-customers: setup ## measure the bars of cases and first aid, one table: make bench-customers [ONLY=first_aid,lookup] [QUICK=1] [OUT=file.json]
	@$(DESK) -m tests.benchmarks.customers $(if $(ONLY),--only "$(ONLY)") $(if $(QUICK),--quick) $(if $(OUT),--json "$(OUT)")

.PHONY: bench-nlu
bench-nlu: setup ## compare understanding with other systems: make bench-nlu FILE="a.jsonl b.jsonl" [TRAIN= EXAMPLES= EPOCHS= ONLY= OUT=r.json]
	@test -n "$(FILE)" || { echo 'name the sentences: make bench-nlu FILE=tests/evaluation/development/real.jsonl [EXAMPLES=10]'; exit 2; }
	@$(BOT) -W ignore -m tests.benchmarks.nlu.runner --file $(FILE) $(if $(TRAIN),--train $(TRAIN)) \
	  $(if $(EXAMPLES),--examples $(EXAMPLES)) $(if $(EPOCHS),--epochs $(EPOCHS)) $(if $(ONLY),--only $(ONLY)) $(if $(OUT),--out "$(OUT)")

.PHONY: bench-public
bench-public: setup ## the intent model on public data sets: make bench-public DIR=folder [SETS=banking77,clinc150,hint3 ONLY= SEED= OUT=r.json]
	@test -n "$(DIR)" || { echo 'name the folder of the data sets: make bench-public DIR=folder (docs/benchmarks-nlu.md)'; exit 2; }
	@$(BOT) -W ignore -m tests.benchmarks.nlu.public --dir "$(DIR)" $(if $(SETS),--sets "$(SETS)") $(if $(ONLY),--only "$(ONLY)") \
	  $(if $(SEED),--seed $(SEED)) $(if $(OUT),--out "$(OUT)")

.PHONY: simulate-desk
simulate-desk: setup ## a simulated day of 200 agents and 20,000 customers, with the desk's rules of routing: make simulate-desk [SEED=n]
	@$(DESK) -m tests.simulation $(if $(SEED),--seed $(SEED))

.PHONY: simulate-learning
simulate-learning: setup ## does the inbox teach the bot faster than chance? a curve in docs/pictures: make simulate-learning [SEEDS=n] [SEED=n]
	@$(BOT) -W ignore -m tests.simulation.learning $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED))

.PHONY: simulate-reviews
simulate-reviews: setup ## does the bound on missed emergencies hold? 1,000 simulated months: make simulate-reviews [MONTHS=n] [SEED=n]
	@$(DESK) -m tests.simulation.reviews $(if $(MONTHS),--months $(MONTHS)) $(if $(SEED),--seed $(SEED))

.PHONY: simulate-waves
simulate-waves: setup ## are waves of alike messages shown in time, and quiet days quiet? make simulate-waves [SEEDS=n] [DAYS=n]
	@$(DESK) -m tests.simulation.waves $(if $(SEEDS),--seeds $(SEEDS)) $(if $(DAYS),--days $(DAYS))

.PHONY: drill
drill: setup ## break a running system under load and audit it: make drill [CONVERSATIONS=500] [FAULTS=50] [RACES=200] [SEED=n] [OUT=folder]
	@$(BOT) -m bot publish
	@$(DESK) -m tests.drill $(if $(CONVERSATIONS),--conversations $(CONVERSATIONS)) $(if $(FAULTS),--faults $(FAULTS)) \
	  $(if $(RACES),--races $(RACES)) $(if $(SEED),--seed $(SEED)) $(if $(OUT),--out "$(OUT)")

.PHONY: backup
backup: setup ## copy the desk's database while it runs: make backup [FILE=x.dump]
	@scripts/with_running_bot.py $(DESK) -m scripts.backup backup $(if $(FILE),"$(FILE)")

.PHONY: restore
restore: setup ## restore a copy; stop the desks first: make restore FILE=x.dump [FORCE=1]
	@$(DESK) -m scripts.backup restore $(if $(FILE),"$(FILE)") $(if $(filter 1,$(FORCE)),--force)

.PHONY: browser
browser: setup ## find or install a Chromium for the browser tests
	@$(DESK) scripts/browser.py

.PHONY: lock
lock: setup ## lock the newest versions that pyproject.toml allows into requirements/
	@scripts/lock.sh

.PHONY: clean
clean: ## remove environments, models and the embedded database
	rm -rf .venv node_modules .rasa var models/wallet-*.tar.gz models/spacy-zh models/content models/published.json
