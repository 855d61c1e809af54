"""A set of question-and-answer pairs becomes figures."""
