"""`python -m jaxlm`: runs an experiment. See `jaxlm.run`."""

from jaxlm.errors import one_line

if __name__ == "__main__":  # worker processes import this module under another name
    with one_line():  # importing takes long enough for a Ctrl-C
        from jaxlm.run import main

        main()
