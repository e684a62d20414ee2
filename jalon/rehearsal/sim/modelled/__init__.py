"""Small models of the parts around the workflows. Each module has the functions of the product's module of the same name.

`tests/jalon/rehearsal/sim/test_models.py` runs the same script over a model and over its original.
"""
