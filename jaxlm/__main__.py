"""`python -m jaxlm`: runs an experiment. See `jaxlm.run`."""

from jaxlm.run import main

if __name__ == "__main__":  # worker processes import this module under another name
    main()
