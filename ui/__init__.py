"""The command line, the chat window and the HTTP surfaces."""
