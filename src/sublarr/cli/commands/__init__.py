"""One file for each command or group of commands; `sublarr.cli.program` lists them."""
