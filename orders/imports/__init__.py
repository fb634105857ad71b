"""Orders that come as a file: read (pure), looked at in a dry run, made by one click, taken back while nothing of them
was sent. docs/imports.md."""
