"""Other servers of models, beside ours: each with the same small scikit-learn model, in an environment of its own."""
