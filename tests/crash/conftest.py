"""Every process that is killed here is forked from one that has everything loaded."""

from bench.crashtest.living import warm_up

warm_up("tests.crash.warm", "bench.crashtest.telegram_warm")
