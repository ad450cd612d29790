"""The suite: unit, contract, integration, api, ui and architecture; see docs/testing.md."""
